/** What a client is made of. The names are the official client's where it has the same thing. */
import type { ClientKeyInput, Keyset } from '../crypto/keyset.ts'
import type { HandleResolverOption } from '../identity/handle-resolver.ts'
import type { IdentityMemory } from '../identity/identity-caches.ts'
import type { ResolveTxt } from '../net/dns.ts'
import type { Store } from '../store/contract.ts'
import type { ClientMetadataInput } from './client-metadata/parse.ts'
import type { SessionStore, StateStore } from './records/custom-store-records.ts'
import type { RuntimeLock } from './records/local-lock.ts'
import type { SessionRow, StoredSession } from './records/records.ts'
import type { SessionHooks } from './records/session-events.ts'
import type { ServerMemory } from './server/server-state.ts'
import type { ResponseMode } from './sign-in/authorize-options.ts'
import type { Trace } from './trace.ts'

/** A network on this machine, reached although it is on http and loopback addresses. Development and tests only. */
export interface LocalNetwork {
  /** Origin of the PLC directory. */
  readonly plcDirectory: string
  /** Origin of an XRPC server that resolves the network's handles. */
  readonly handleResolver: string
  /** Certificate authority (PEM) that the network's https servers are signed by. */
  readonly ca?: string | undefined
}

/** What several clients of one process share, so that no request is made twice. */
export interface ClientMemory {
  readonly servers: ServerMemory
  readonly refreshes: Map<string, Promise<StoredSession>>
  readonly suspects: Map<string, number>
  readonly quiet: Map<string, number>
  readonly unsaved: Map<string, SessionRow>
  readonly identities: IdentityMemory
}

/** The official client's runtime, as far as this one needs it; random values and digests are Web Crypto's. */
export interface RuntimeImplementation {
  /** Makes the DPoP key of a sign-in, of which the session keeps the private JWK: it has to be extractable. */
  readonly createKey?: ((algorithms: string[]) => ClientKeyInput | PromiseLike<ClientKeyInput>) | undefined
  /** As the option of that name. */
  readonly requestLock?: RuntimeLock | undefined
  /** Taken for the official client's sake, and never called. */
  readonly getRandomValues?: ((length: number) => unknown) | undefined
  /** Taken for the official client's sake, and never called. */
  readonly digest?: ((data: Uint8Array<ArrayBuffer>, algorithm: { name: string }) => unknown) | undefined
}

/** Rows in a store of this library, sealed: many sessions for each account, safe between processes. */
export interface StoreOptions {
  readonly store: Store
  /** What the rows are sealed with, newest first; older ones still open. At least 32 characters each. */
  readonly secrets: readonly [string, ...string[]]
  readonly stateStore?: undefined
  readonly sessionStore?: undefined
}

/** Rows in stores as the official client takes them: one session for each account. */
export interface GivenStoreOptions {
  readonly stateStore: StateStore
  readonly sessionStore: SessionStore
  readonly store?: undefined
  readonly secrets?: undefined
}

export interface CommonOptions extends SessionHooks {
  /** The document that is served at its `client_id`; a loopback client's is derived from its id. */
  readonly clientMetadata: ClientMetadataInput
  /** Private ES256 keys of a confidential client: the first signs, all are published. */
  readonly keyset?: Keyset | Iterable<ClientKeyInput | null | undefined | false> | undefined
  /** How the browser brings the answer; default `query`. */
  readonly responseMode?: ResponseMode | undefined
  /** Origin of the PLC directory; default `https://plc.directory`. */
  readonly plcDirectory?: string | undefined
  readonly localNetwork?: LocalNetwork | undefined
  /** Reaches servers on http and loopback addresses too. For development; an address inside a network stays closed. */
  readonly allowHttp?: boolean | undefined
  /**
   * Used instead of this library's own requests, which judge the address they connect to: with another fetch only
   * names are judged, and keeping it away from private addresses is the platform's part.
   */
  readonly fetch?: typeof globalThis.fetch | undefined
  /** DNS TXT look-ups; default the machine's name servers. `createDohResolveTxt` asks by https instead. */
  readonly resolveTxt?: ResolveTxt | undefined
  /** Resolves handles instead of DNS and well-known file: origin of an XRPC server, or an object. */
  readonly handleResolver?: HandleResolverOption | undefined
  /** Asked for a handle that DNS and well-known file do not know. */
  readonly fallbackResolver?: HandleResolverOption | undefined
  /**
   * Runs `fn` while no other process runs one under that name: around each refresh. Needed where several processes
   * share a `sessionStore`; a `store` has its own.
   */
  readonly requestLock?: RuntimeLock | undefined
  readonly runtimeImplementation?: RuntimeImplementation | undefined
  /** How long a session lives at most, in milliseconds; default 180 days, 14 for a public client. */
  readonly sessionLifetimeMs?: number | undefined
  /** How long a session lives without being used, in milliseconds; default 30 days. */
  readonly sessionIdleMs?: number | undefined
  /**
   * Given work that nobody waits for, such as an early refresh: on hosts that stop when the response is sent, what
   * keeps them awake until it is done (`after` of next/server, `waitUntil` of other platforms). It never rejects.
   */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined
  /** Spans around sign-ins, refreshes and calls; default none. */
  readonly trace?: Trace | undefined
  /** Told what is wrong but harms nothing, in a line without secrets; default `console.warn`. */
  readonly onWarning?: ((message: string) => void) | undefined
  /** Clock in epoch milliseconds; default `Date.now`. */
  readonly now?: (() => number) | undefined
  /** Shared between clients of one process; default the client's own. */
  readonly memory?: ClientMemory | undefined
}

export type OAuthClientOptions = CommonOptions & (StoreOptions | GivenStoreOptions)
