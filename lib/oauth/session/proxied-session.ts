/** A session whose requests the PDS forwards to one service (atproto.com/specs/xrpc, "Service Proxying"). */
import type { Did } from '../../identity/syntax.ts'
import { parseServiceId } from '../resource/service-id.ts'
import type { XrpcProcedureOptions, XrpcQueryOptions } from '../resource/xrpc.ts'
import type { XrpcResult } from '../resource/xrpc-answer.ts'

/** What it needs of the session behind it. */
type Session = Pick<ProxiedSession, 'did' | 'fetchHandler' | 'get' | 'post'>

/**
 * Made by `OAuthSession.withProxy`. It uses the session's tokens and refreshes them. It works as an agent, too:
 * `new Agent(proxied)`, `new Client(proxied)`, `new Client({ handler: proxied })`.
 */
export class ProxiedSession {
  readonly did: Did
  /** The service, e.g. `did:web:api.bsky.app#bsky_appview`. */
  readonly proxy: string
  readonly #session: Session

  /** @throws TypeError when `proxy` is not the identifier of a service */
  constructor(session: Session, proxy: string) {
    this.did = session.did
    this.proxy = parseServiceId(proxy)
    this.#session = session
  }

  /** As `OAuthSession.fetchHandler`, through the service; a request with an `atproto-proxy` header of its own keeps it. */
  fetchHandler(pathname: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers)
    if (!headers.has('atproto-proxy')) headers.set('atproto-proxy', this.proxy)
    return this.#session.fetchHandler(pathname, { ...init, headers })
  }

  /** `fetchHandler`, by the name that @atcute/client calls. */
  handle(pathname: string, init: RequestInit = {}): Promise<Response> {
    return this.fetchHandler(pathname, init)
  }

  /** As `OAuthSession.get`, through the service. */
  get<Data = unknown>(nsid: string, options: XrpcQueryOptions<Data> = {}): Promise<XrpcResult<Data>> {
    return this.#session.get(nsid, { ...options, proxy: options.proxy ?? this.proxy })
  }

  /** As `OAuthSession.post`, through the service. */
  post<Data = unknown>(nsid: string, options: XrpcProcedureOptions<Data> = {}): Promise<XrpcResult<Data>> {
    return this.#session.post(nsid, { ...options, proxy: options.proxy ?? this.proxy })
  }

  /** For logs and JSON: account and service, nothing else. */
  toJSON(): { readonly did: Did; readonly proxy: string } {
    return { did: this.did, proxy: this.proxy }
  }
}
