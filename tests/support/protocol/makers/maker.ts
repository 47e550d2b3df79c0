/** How a maker's server is described: who made it, how it differs from the reference, and what does not work with it. */
import type { ServerTraits } from '../../../../lib/testing/servers/server-traits.ts'

/** The steps of a session's life, in their order, as docs/servers.md calls them. */
export const steps = {
  confidential: 'sign-in of a confidential client',
  loopback: 'sign-in of a loopback client',
  address: 'sign-in by the address of the server',
  slowConsent: 'sign-in of a person who takes six minutes to agree',
  clock: 'sign-in when the clocks differ by four minutes',
  declined: 'the person declines',
  mixedScope: '`transition:generic` beside another permission',
  twoActions: 'a permission with two actions',
  query: 'GET with a query',
  write: 'POST',
  stream: 'upload of a stream',
  nonce: 'the server changes its nonces',
  refresh: 'refresh, before and after the access token ends',
  endedToken: 'the access token ends earlier than the server said',
  twoProcesses: 'two processes use one session',
  endedSession: 'the server ends the session',
  permission: 'a permission is missing',
  signOut: 'sign-out',
} as const

export type Step = keyof typeof steps

/** Why a step does not work, and where it shows. */
export interface Limit {
  /** What the server does that it should not. */
  readonly theirs: string
  /** Part of the text that a user or developer sees. */
  readonly seen: string
  /** Where that text is; default the log, in the line about the error. */
  readonly where?: string
  /** What a visitor reads on the sign-in page. */
  readonly visitorReads?: string
  /** What can be done about it. */
  readonly remedy: string
  /** Set where the step leads to its end all the same, later or with less. */
  readonly inPart?: true
}

export interface Maker {
  readonly name: string
  readonly language: string
  /** The version, or the state of its source. */
  readonly version: string
  /** Whether the library ran against it, or its answers are known from its source or documentation alone. */
  readonly tried: string
  readonly traits: ServerTraits
  /** The steps that do not work, or not in full; the others do. */
  readonly limits: Readonly<Partial<Record<Step, Limit>>>
  /** Parts of the warnings that the log has of it, each once; none if left out. */
  readonly warnings?: readonly string[]
  /** What to know that limits nothing. */
  readonly notes?: readonly string[]
}

/** On the sign-in page, when the server refuses the request. */
export const SERVER_REFUSED =
  'The server of that account refused the request of this site. The people who run this site can find the reason in its log.'
/** What is said of a server whose behaviour was read, not seen. */
export const READ = 'read in its source'
/** What is said of a server that was seen on the network. */
export const SEEN = 'its answers were seen on a running server'

/** The collection that a `repo` scope is for. */
export function collectionOf(scope: string): string {
  return scope.replace(/^repo:|\?.*$/g, '')
}
