/** Stands in for the servers of a fixture, which no longer run: a `fetch` that answers for their addresses. */
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { didDocument, type Person } from '../../support/protocol/scripted-network.ts'
import type { Addresses } from './written.ts'

export interface SentRequest {
  readonly url: URL
  readonly form: URLSearchParams
  readonly accessToken: string | undefined
  readonly dpopKey: unknown
  /** The nonce of the DPoP proof. */
  readonly nonce: unknown
  /** The key id of the client assertion. */
  readonly clientKeyId: string | undefined
}

export interface RecordedNetwork {
  readonly fetch: typeof globalThis.fetch
  readonly requests: readonly SentRequest[]
  /** The requests at a path. */
  sent(path: string): readonly SentRequest[]
  /** The account of the next tokens. Before the first call, token responses name no account. */
  approve(did: string): void
}

export const SCOPE_OF_TOKENS = 'atproto'
export const NONCE = 'nonce-of-the-recorded-network'

export function createRecordedNetwork(addresses: Addresses, people: readonly Person[]): RecordedNetwork {
  const requests: SentRequest[] = []
  let sub: string | undefined
  let issued = 0

  function answerOf({ url }: SentRequest): object {
    const { origin, pathname, searchParams } = url
    const home = addresses.homes.find(({ issuer, pds }) => [issuer, pds].includes(origin))
    if (origin === addresses.plc) return documentOf(decodeURIComponent(pathname.slice(1)))
    if (origin === addresses.resolver)
      return { did: people.find(({ handle }) => handle === searchParams.get('handle'))?.did }
    if (pathname === '/.well-known/oauth-protected-resource')
      return { resource: origin, authorization_servers: [home?.issuer] }
    if (pathname === '/.well-known/oauth-authorization-server') return metadataOf(origin)
    if (pathname === '/oauth/par') return { request_uri: 'urn:of:the:recorded:network', expires_in: 60 }
    return pathname === '/oauth/token' ? createTokens() : {}
  }

  function documentOf(did: string): object {
    const pds = addresses.homes.find(({ dids }) => dids.includes(did))?.pds ?? ''
    return didDocument({ did, handle: people.find((person) => person.did === did)?.handle ?? '' }, pds)
  }

  function createTokens(): object {
    issued += 1
    const tokens = { access_token: `access-${issued}`, refresh_token: `refresh-${issued}` }
    const known = sub !== undefined && { sub, scope: SCOPE_OF_TOKENS }
    return { ...tokens, ...known, token_type: 'DPoP', expires_in: 3_600 }
  }

  return {
    requests,
    sent: (path) => requests.filter(({ url }) => url.pathname === path),
    approve(did) {
      sub = did
    },
    async fetch(input, init) {
      const request = await read(new Request(input, init))
      requests.push(request)
      return Response.json(answerOf(request), { headers: { 'dpop-nonce': NONCE } })
    },
  }
}

async function read(request: Request): Promise<SentRequest> {
  const { url, headers, method } = request
  const form = new URLSearchParams(method === 'POST' ? await request.text() : '')
  const [proof, assertion] = [headers.get('dpop'), form.get('client_assertion')]
  return {
    url: new URL(url),
    form,
    accessToken: headers.get('authorization')?.replace(/^DPoP /, ''),
    dpopKey: proof === null ? undefined : decodeProtectedHeader(proof).jwk,
    nonce: proof === null ? undefined : decodeJwt(proof).nonce,
    clientKeyId: assertion === null ? undefined : decodeProtectedHeader(assertion).kid,
  }
}

function metadataOf(issuer: string): object {
  return {
    issuer,
    authorization_endpoint: `${issuer}/oauth/authorize`,
    token_endpoint: `${issuer}/oauth/token`,
    pushed_authorization_request_endpoint: `${issuer}/oauth/par`,
    client_id_metadata_document_supported: true,
    authorization_response_iss_parameter_supported: true,
  }
}
