/**
 * Limits how many sign-ins may start, with counters in the store over fixed time windows. Each sign-in sends requests
 * to servers that the visitor names, and adds a row to the store.
 */
import 'server-only'
import type { Secrets } from '../../config/secrets.ts'
import { type BlindIndex, createBlindIndex } from '../../crypto/blind-index.ts'
import { AtprotoAuthError } from '../../errors.ts'
import { parseIdentifier, parseServerUrl } from '../../identity/syntax.ts'
import type { Environment } from '../../store/choose-store.ts'
import type { Store } from '../../store/contract.ts'
import type { Log } from '../events/log.ts'
import {
  type ClientAddress,
  clientNetwork,
  platformClientAddress,
  type RequestHeaders,
} from './client-address.ts'

/** How many sign-ins may start; whole numbers, at least 1. */
export interface LoginLimits {
  /**
   * From one client address in ten minutes; default 60. IPv6 clients are counted by their /64 network. Above the limit,
   * sign-ins are refused until the ten minutes are over.
   */
  readonly perAddress: number
  /**
   * For one handle or DID in ten minutes; default 10. Above the limit, each client address may still start one every
   * three seconds. Where client addresses are not known, a random share of the attempts is allowed. So an attacker who
   * repeats a user's handle does not lock that user out. Server addresses are not counted.
   */
  readonly perIdentifier: number
  /** In the whole application in one minute; default 600. */
  readonly overall: number
}

export interface LoginLimitOptions {
  /**
   * Your own limits for some or all of these; `false` turns them off. On a loopback address and with `localNetwork`,
   * the defaults are a hundred times as high.
   */
  readonly loginLimits?: Partial<LoginLimits> | false | undefined
  /**
   * Returns the IP address of a request's client, and nothing else, from a header that your own proxy sets. Default:
   * the header of Vercel, Netlify, Cloudflare Pages or Fly.io on these platforms. Elsewhere none: `perAddress` then
   * has no effect.
   *
   * @example
   * ```ts
   * // Behind nginx with: proxy_set_header X-Real-IP $remote_addr
   * clientAddress: ({ headers }) => headers.get('x-real-ip') ?? undefined
   * ```
   */
  readonly clientAddress?: ClientAddress | undefined
}

/** Too many sign-ins were started (HTTP 429, RFC 6585 §4). */
export class TooManyAttemptsError extends AtprotoAuthError {
  static override readonly errorName: string = 'TooManyAttemptsError'
  override readonly name = 'TooManyAttemptsError'
  /** Seconds until a sign-in may start again; at least 1. */
  readonly retryAfterS: number

  constructor(retryAfterS: number) {
    super('too_many_attempts', `Too many sign-ins were started. Try again in ${retryAfterS} s.`)
    this.retryAfterS = retryAfterS
  }
}

/** A sign-in that is about to start. */
export interface LoginAttempt extends RequestHeaders {
  /** What the user typed. */
  readonly identifier: string
}

/**
 * Counts a sign-in that is about to start. Called before anything is sent or stored for it.
 *
 * @throws TooManyAttemptsError when it may not start; StoreUnavailableError
 */
export type LoginLimiter = (attempt: LoginAttempt) => Promise<void>

export interface LoginLimiterDeps {
  readonly store: Store
  readonly secrets: Secrets
  readonly env: Environment
  /** Whether all visitors are on this machine: the default limits are then a hundred times as high. */
  readonly isLocal: boolean
  readonly log: Pick<Log, 'warnOnce'>
  /** Clock in epoch milliseconds; default `Date.now`. */
  readonly now?: () => number
}

const WINDOW_S = 600
const OVERALL_WINDOW_S = 60
/** Above `perIdentifier`, one attempt in this time may start. */
const TURN_S = 3

const defaults: LoginLimits = { perAddress: 60, perIdentifier: 10, overall: 600 }

/** What one counter in the store counts. */
interface Counter {
  readonly kind: 'perAddress' | 'perIdentifier' | 'turn' | 'overall'
  readonly subject: string
  readonly limit: number
  readonly windowS: number
  /** Above the limit, attempt number n starts with probability `limit` / n, which falls but is never zero. */
  readonly isSampled?: boolean
}

/** @param options options that were checked by the schema */
export function createLoginLimiter(options: LoginLimitOptions, deps: LoginLimiterDeps): LoginLimiter {
  const limits = readLimits(options.loginLimits ?? {}, deps.isLocal)
  if (!limits) return async () => undefined
  const { perAddress, perIdentifier, overall } = limits
  const addressOf = options.clientAddress ?? platformClientAddress(deps.env)
  const index = createBlindIndex(deps.secrets, 'login limits')
  const countUp = (counter: Counter) => retryAfter(counter, index, deps)

  async function limitIdentifier(subject: string, network: string | undefined): Promise<void> {
    if (!(await countUp({ kind: 'perIdentifier', subject, limit: perIdentifier, windowS: WINDOW_S }))) return
    // One turn for each client address, so that an attacker elsewhere cannot use up the user's own. Without addresses
    // all attempts share a turn; a random choice keeps the fastest client from taking every one.
    const isSampled = network === undefined
    const turn = isSampled ? subject : `${subject}\n${network}`
    refuse(await countUp({ kind: 'turn', subject: turn, limit: 1, windowS: TURN_S, isSampled }))
  }

  // When the limit of all visitors is used up, further attempts cost no row and no request.
  let refusedUntilMs = 0
  const now = deps.now ?? Date.now

  return async (attempt) => {
    const leftS = Math.ceil((refusedUntilMs - now()) / 1000)
    // More than a window is left when the clock was set back.
    if (leftS > 0 && leftS <= OVERALL_WINDOW_S) refuse(leftS)
    const network = networkOf(addressOf(attempt), deps.log)
    if (network !== undefined) {
      refuse(await countUp({ kind: 'perAddress', subject: network, limit: perAddress, windowS: WINDOW_S }))
    }
    const identifier = parseServerUrl(attempt.identifier) ? undefined : normalize(attempt.identifier)
    // A server address does not identify a user: everyone with an account there uses the same one.
    if (identifier !== undefined) await limitIdentifier(identifier, network)
    // Last, so that attempts that were refused above do not use up the limit that all visitors share.
    const waitS = await countUp({ kind: 'overall', subject: '', limit: overall, windowS: OVERALL_WINDOW_S })
    if (waitS !== undefined) refusedUntilMs = now() + waitS * 1000
    refuse(waitS)
  }
}

function refuse(retryAfterS: number | undefined): void {
  if (retryAfterS !== undefined) throw new TooManyAttemptsError(retryAfterS)
}

/** Adds one to the counter; returns the seconds that are left of its window when the limit is exceeded. */
async function retryAfter(
  { kind, subject, limit, windowS, isSampled = false }: Counter,
  index: BlindIndex,
  { store, log, now = Date.now }: LoginLimiterDeps,
): Promise<number | undefined> {
  const seconds = now() / 1000
  const window = Math.floor(seconds / windowS)
  const [name] = await index(`${kind}\n${window}\n${subject}`)
  // The window is part of the name, so that all processes agree on its end. The row expires some time after that.
  const counted = await store.increment(`login:${name}`, windowS * 1000)
  if (counted <= limit) return undefined
  if (isSampled && (await sampleOf(`${kind}\n${window}\n${counted}\n${subject}`, index)) * counted < limit)
    return undefined
  // Once per process: a flood of sign-ins must not become a flood of log lines.
  if (kind !== 'turn') log.warnOnce(`Sign-ins are being limited: loginLimits.${kind} was reached.`)
  return Math.max(1, Math.ceil((window + 1) * windowS - seconds))
}

/** A number from 0 to 1: always the same for the same text, and unpredictable without the secret. */
async function sampleOf(text: string, index: BlindIndex): Promise<number> {
  const [name = ''] = await index(`lot\n${text}`)
  return Buffer.from(name, 'base64url').readUIntBE(0, 6) / 2 ** 48
}

function networkOf(address: string | undefined, log: LoginLimiterDeps['log']): string | undefined {
  if (!address) return undefined
  const network = clientNetwork(address)
  // If a list were accepted as it is, a client could make up a new address for each request.
  if (network === undefined)
    log.warnOnce('clientAddress did not return a single IP address; loginLimits.perAddress has no effect.')
  return network
}

/** The same text for all spellings of one handle or DID. */
function normalize(identifier: string): string {
  try {
    return parseIdentifier(identifier)
  } catch {
    // Neither a handle nor a DID; the sign-in will fail.
    return identifier.trim().toLowerCase()
  }
}

function readLimits(option: Partial<LoginLimits> | false, isLocal: boolean): LoginLimits | undefined {
  if (option === false) return undefined
  const factor = isLocal ? 100 : 1
  const read = (name: keyof LoginLimits) => option[name] ?? defaults[name] * factor
  return { perAddress: read('perAddress'), perIdentifier: read('perIdentifier'), overall: read('overall') }
}
