/** The options of a client. The names are the official client's where it has the same option. */
import type { ClientKeyInput, Keyset } from '../crypto/keyset.ts'
import type { HandleResolverOption } from '../identity/configured-resolver.ts'
import type { ResolveTxt } from '../net/dns.ts'
import type { Store } from '../store/contract.ts'
import type { ClientMemory } from './client-memory.ts'
import type { ClientMetadataInput } from './client-metadata/parse.ts'
import type { SessionStore, StateStore } from './records/custom-store-records.ts'
import type { RuntimeLock } from './records/local-lock.ts'
import type { SessionHooks } from './records/session-events.ts'
import type { ResponseMode } from './sign-in/authorize-options.ts'
import type { Trace } from './trace.ts'

/** A network on this machine, reachable over http and on loopback addresses. Development and tests only. */
export interface LocalNetwork {
  /** Origin of the PLC directory. */
  readonly plcDirectory: string
  /** Origin of an XRPC server that resolves the network's handles. */
  readonly handleResolver: string
  /** Certificate authority (PEM) that signed the certificates of the network's https servers. */
  readonly ca?: string | undefined
}

/** The official client's runtime, as far as this client uses it; random values and digests are Web Crypto's. */
export interface RuntimeImplementation {
  /** Makes the DPoP key of a sign-in. The session stores its private JWK, so the key must be extractable. */
  readonly createKey?: ((algorithms: string[]) => ClientKeyInput | PromiseLike<ClientKeyInput>) | undefined
  /** As the option of that name. */
  readonly requestLock?: RuntimeLock | undefined
  /** Accepted for compatibility with the official client; never called. */
  readonly getRandomValues?: ((length: number) => unknown) | undefined
  /** Accepted for compatibility with the official client; never called. */
  readonly digest?: ((data: Uint8Array<ArrayBuffer>, algorithm: { name: string }) => unknown) | undefined
}

/** Sealed rows in a store of this library: many sessions for each account, safe between processes. */
export interface StoreOptions {
  readonly store: Store
  /** The secrets that rows are sealed with, newest first; rows of older ones still open. At least 32 characters each. */
  readonly secrets: readonly [string, ...string[]]
  readonly stateStore?: undefined
  readonly sessionStore?: undefined
}

/** Rows in stores of the shape that the official client takes: one session for each account. */
export interface GivenStoreOptions {
  readonly stateStore: StateStore
  readonly sessionStore: SessionStore
  readonly store?: undefined
  readonly secrets?: undefined
}

export interface CommonOptions extends SessionHooks {
  /** The document that is served at the `client_id`; that of a loopback client is derived from its id. */
  readonly clientMetadata: ClientMetadataInput
  /** Private ES256 keys of a confidential client: the first signs, all are published. */
  readonly keyset?: Keyset | Iterable<ClientKeyInput | null | undefined | false> | undefined
  /** How the browser returns the answer; default `query`. */
  readonly responseMode?: ResponseMode | undefined
  /** Origin of the PLC directory; default `https://plc.directory`. */
  readonly plcDirectory?: string | undefined
  readonly localNetwork?: LocalNetwork | undefined
  /** Also allows servers on http and loopback addresses. For development; other private addresses stay blocked. */
  readonly allowHttp?: boolean | undefined
  /**
   * Hosts that may be at private addresses (RFC 1918, RFC 4193), such as `['pds.example.com']` for a PDS on the same LAN;
   * default none. Full host names: a name under one of them needs an entry of its own. Only https goes there. Addresses
   * of this machine, of its link and of cloud metadata stay blocked.
   */
  readonly privateHosts?: readonly string[] | undefined
  /**
   * The address of an HTTP proxy through which requests leave, such as `http://user:password@proxy.internal:3128`; default
   * none. Not for requests to this machine and to `privateHosts`. The proxy resolves the names of servers, so it has to
   * keep requests away from private addresses. DNS TXT look-ups do not use it: see `resolveTxt`. Environment variables
   * such as HTTPS_PROXY are not read. An empty text counts as none.
   */
  readonly proxy?: string | undefined
  /**
   * Used instead of this library's own requests, which check the address they connect to. With another fetch only names
   * are checked, and the platform has to keep it away from private addresses.
   */
  readonly fetch?: typeof globalThis.fetch | undefined
  /**
   * DNS TXT look-ups; default the machine's name servers. `createDohResolveTxt` uses DNS over HTTPS instead, also through
   * a proxy.
   */
  readonly resolveTxt?: ResolveTxt | undefined
  /** Resolves handles instead of DNS and the well-known file: the origin of an XRPC server, or an object. */
  readonly handleResolver?: HandleResolverOption | undefined
  /**
   * Asked for a handle for which DNS and the well-known file name no account, also when they could not be asked. If it
   * cannot be asked either, the look-up fails with `server_unavailable`. It learns these handles.
   */
  readonly fallbackResolver?: HandleResolverOption | undefined
  /**
   * Called around each refresh; runs `fn` while no other process runs one under that name. Needed where several
   * processes share a `sessionStore`; a `store` has locks of its own.
   */
  readonly requestLock?: RuntimeLock | undefined
  readonly runtimeImplementation?: RuntimeImplementation | undefined
  /** How long a session lives at most, in milliseconds; default 180 days, 14 for a public client. */
  readonly sessionLifetimeMs?: number | undefined
  /** How long a session lives without being used, in milliseconds; default 30 days. */
  readonly sessionIdleMs?: number | undefined
  /**
   * Receives work that the response does not wait for, such as an early refresh. On hosts that stop when the response is
   * sent, pass what keeps them awake (`after` of next/server, `waitUntil` of other platforms). The work never rejects.
   */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined
  /** Spans around sign-ins, refreshes and calls; default none. */
  readonly trace?: Trace | undefined
  /**
   * Called with a line about something that is wrong, without secrets; default `console.warn`. Each line comes once, except
   * one that `recurs`: it comes again while the reason lasts, once a minute at most.
   */
  readonly onWarning?: ((message: string, about: { readonly recurs: boolean }) => void) | undefined
  /** Clock in epoch milliseconds; default `Date.now`. */
  readonly now?: (() => number) | undefined
  /** Shared between the clients of one process; default a memory for this client alone. */
  readonly memory?: ClientMemory | undefined
}

export type OAuthClientOptions = CommonOptions & (StoreOptions | GivenStoreOptions)
