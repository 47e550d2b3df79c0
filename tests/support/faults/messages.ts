/** What a test and its worker processes say to each other. */
import type { StoreKind } from './store-place.ts'

/** What a worker is started with. */
export interface Setup {
  readonly kind: StoreKind
  readonly address: string
  readonly plcDirectory: string
  readonly handleResolver: string
  readonly secrets: readonly [string, ...string[]]
  /** Private JWKs of a confidential client, newest first; without any it is the loopback client. */
  readonly clientKeys?: readonly object[]
  /** Epoch milliseconds: the clock stands there until the worker is told another time. */
  readonly now: number
  /** What its clock is wrong by. */
  readonly skewMs?: number
  /** How old the rows may be that it reads. */
  readonly lagMs?: number
}

export interface SessionRef {
  readonly did: string
  readonly id: string
}

/** Before or after the so-manieth call of a method of the store for one session, such as `after update 1`. */
export type StorePoint = `${'before' | 'after'} ${'get' | 'lease' | 'update' | 'release'} ${number}`

export type Command =
  /** One XRPC call with each session, so many times, all at once → the outcome of each. */
  | { readonly do: 'call'; readonly sessions: readonly SessionRef[]; readonly times: number }
  /** The same, but the caller gives up at the next `go`. */
  | { readonly do: 'abandon'; readonly sessions: readonly SessionRef[] }
  /** Calls without end, in lanes that take turns with the sessions, until `halt` or SIGTERM → every outcome. */
  | { readonly do: 'load'; readonly sessions: readonly SessionRef[]; readonly lanes: number }
  | { readonly do: 'halt' }
  | { readonly do: 'clock'; readonly now: number }
  /** Stops the session's work at that point, which is then told, until `go`. */
  | { readonly do: 'hold'; readonly sessionId: string; readonly point: StorePoint }
  | { readonly do: 'go' }
  /** Lets so many updates of the session's row fail, after the first that works: that one is the intent. */
  | { readonly do: 'failUpdates'; readonly sessionId: string; readonly count: number }
  /** Does the next such call for the session, but says that the store failed. */
  | { readonly do: 'loseAnswer'; readonly sessionId: string; readonly of: 'lease' | 'update' }

export interface Request {
  readonly number: number
  readonly command: Command
}

/** What a worker says: it is there, it is held somewhere, it was told to end, or the answer to a request. */
export type Told =
  | 'ready'
  | 'held'
  | 'ending'
  | { readonly number: number; readonly result: readonly string[] }
