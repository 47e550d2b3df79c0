/** What the processes of a crowd are told: who is in it, and when their tokens end and their calls come. */
import { createHash } from 'node:crypto'
import { testDid } from '../../../lib/testing/network/accounts.ts'

export interface Scenario {
  /** Of one authorization server, each of another account. */
  readonly sessions: number
  readonly processes: number
  readonly store: 'sqlite' | 'redis'
  /** How long the server takes to answer a token request, in milliseconds. */
  readonly serverDelayMs: number
  /** The share of token requests that are answered with 429 and Retry-After: 1. */
  readonly rateLimited: number
  /** Over which time the tokens end and the calls come. */
  readonly seconds: number
}

/** What belongs to the session of that number. Every process knows it without being told. */
export interface Member {
  readonly number: number
  readonly id: string
  readonly did: ReturnType<typeof testDid>
  /** Milliseconds after the start at which its token ends. */
  readonly tokenEndsAfterMs: number
  /** The same for its one call. */
  readonly callAfterMs: number
}

export const SECRET = 'the secret of a crowd, 0123456789 abcdef'
export const SCOPE = 'atproto'

export function memberOf(number: number, { seconds }: Scenario): Member {
  return {
    number,
    id: `crowd-session-${number}`,
    did: testDid(handleOf(number)),
    tokenEndsAfterMs: share(`token ${number}`) * seconds * 1_000,
    callAfterMs: share(`call ${number}`) * seconds * 1_000,
  }
}

export function handleOf(number: number): string {
  return `member${number}.test`
}

/** The tokens of a session after so many refreshes. */
export function tokensOf(number: number, refreshes: number) {
  return { accessToken: `access-${number}-${refreshes}`, refreshToken: `refresh-${number}-${refreshes}` }
}

/** Between 0 and 1, the same in every run. */
function share(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE() / 2 ** 32
}
