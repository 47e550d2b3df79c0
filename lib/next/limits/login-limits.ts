/**
 * How often sign-ins may begin: counters in the store, in windows of fixed length. Each sign-in makes requests to
 * servers that a stranger names, and leaves a row in the store.
 */
import 'server-only'
import type { Secrets } from '../../config/secrets.ts'
import { type BlindIndex, createBlindIndex } from '../../crypto/blind-index.ts'
import { AtprotoAuthError } from '../../errors.ts'
import { parseIdentifier, parseServerUrl } from '../../identity/syntax.ts'
import type { Store } from '../../store/contract.ts'
import type { Environment } from '../../store/store-choice.ts'
import type { Log } from '../events/log.ts'
import {
  type ClientAddress,
  clientNetwork,
  hostClientAddress,
  type RequestHeaders,
} from './client-address.ts'

/** How many sign-ins may begin; whole numbers, 1 at least. */
export interface LoginLimits {
  /**
   * From one client address in ten minutes; default 60. An IPv6 client counts by its /64 network. Beyond it, sign-ins
   * are refused until the ten minutes are over.
   */
  readonly perAddress: number
  /**
   * For one handle or DID in ten minutes; default 10. Beyond it, one may begin every three seconds from each client
   * address; where these are not known, one in so many, by lot. Whoever calls a stranger's name again and again does
   * not lock that person out. The address of a server does not count.
   */
  readonly perIdentifier: number
  /** In the whole application in one minute; default 600. */
  readonly overall: number
}

export interface LoginLimitOptions {
  /** Limits of your own for some or all of these; `false` counts nothing. On this machine the defaults are generous. */
  readonly loginLimits?: Partial<LoginLimits> | false | undefined
  /**
   * Gives the IP address of a request's client, alone, as your own proxy vouches for it. Default: the header of the
   * host where that is Vercel, Netlify, Cloudflare Pages or Fly.io, else none, and then no limit by address.
   *
   * @example
   * ```ts
   * // Behind an nginx that sets it: proxy_set_header X-Real-IP $remote_addr
   * clientAddress: ({ headers }) => headers.get('x-real-ip') ?? undefined
   * ```
   */
  readonly clientAddress?: ClientAddress | undefined
}

/** Too many sign-ins were begun (RFC 6585 §4). */
export class TooManyAttemptsError extends AtprotoAuthError {
  static override readonly errorName: string = 'TooManyAttemptsError'
  override readonly name = 'TooManyAttemptsError'
  /** Seconds after which one may begin again; at least 1. */
  readonly retryAfterS: number

  constructor(retryAfterS: number) {
    super('too_many_attempts', `Too many sign-ins were begun; again in ${retryAfterS} s.`)
    this.retryAfterS = retryAfterS
  }
}

/** A sign-in that is about to begin. */
export interface LoginAttempt extends RequestHeaders {
  /** What the person typed. */
  readonly identifier: string
}

/**
 * Counts a sign-in that is about to begin; call it before anything is sent or stored for it.
 *
 * @throws TooManyAttemptsError when it must not begin; StoreUnavailableError
 */
export type LoginLimiter = (attempt: LoginAttempt) => Promise<void>

export interface LoginLimiterDeps {
  readonly store: Store
  readonly secrets: Secrets
  readonly env: Environment
  /** Whether only people of this machine come by: then the defaults are a hundred times as high. */
  readonly isLocal: boolean
  readonly log: Pick<Log, 'warnOnce'>
  /** Clock in epoch milliseconds; default `Date.now`. */
  readonly now?: () => number
}

const WINDOW_S = 600
const OVERALL_WINDOW_S = 60
/** One attempt in this time goes on for an identifier that was named too often. */
const PAUSE_S = 3

const defaults: LoginLimits = { perAddress: 60, perIdentifier: 10, overall: 600 }

/** One thing that is counted. */
interface Count {
  readonly kind: 'perAddress' | 'perIdentifier' | 'turn' | 'overall'
  readonly subject: string
  readonly limit: number
  readonly windowS: number
  /** Beyond the limit one in so many goes on, each with a chance that falls as they become more, never to nothing. */
  readonly isByLot?: boolean
}

/** @param options that the options' schema has let pass */
export function createLoginLimiter(options: LoginLimitOptions, deps: LoginLimiterDeps): LoginLimiter {
  const limits = readLimits(options.loginLimits ?? {}, deps.isLocal)
  if (!limits) return async () => undefined
  const { perAddress, perIdentifier, overall } = limits
  const addressOf = options.clientAddress ?? hostClientAddress(deps.env)
  const index = createBlindIndex(deps.secrets, 'login limits')
  const count = (what: Count) => retryAfter(what, index, deps)

  async function limitIdentifier(subject: string, network: string | undefined): Promise<void> {
    if (!(await count({ kind: 'perIdentifier', subject, limit: perIdentifier, windowS: WINDOW_S }))) return
    // A turn for each client address: nobody elsewhere can use up the one of the person whose name it is. Without
    // addresses all have to share, and whoever came first each time would leave nothing to the others.
    const isByLot = network === undefined
    const turn = isByLot ? subject : `${subject}\n${network}`
    refuse(await count({ kind: 'turn', subject: turn, limit: 1, windowS: PAUSE_S, isByLot }))
  }

  return async (attempt) => {
    const network = networkOf(addressOf(attempt), deps.log)
    if (network !== undefined) {
      refuse(await count({ kind: 'perAddress', subject: network, limit: perAddress, windowS: WINDOW_S }))
    }
    const identifier = parseServerUrl(attempt.identifier) ? undefined : normalize(attempt.identifier)
    // The address of a server is nobody's name: all who have an account there, or make one, may share it.
    if (identifier !== undefined) await limitIdentifier(identifier, network)
    // Last: what was refused before takes nothing away from everybody else.
    refuse(await count({ kind: 'overall', subject: '', limit: overall, windowS: OVERALL_WINDOW_S }))
  }
}

function refuse(retryAfterS: number | undefined): void {
  if (retryAfterS !== undefined) throw new TooManyAttemptsError(retryAfterS)
}

/** Counts once; the seconds that are left of the window when the limit is exceeded. */
async function retryAfter(
  { kind, subject, limit, windowS, isByLot = false }: Count,
  index: BlindIndex,
  { store, log, now = Date.now }: LoginLimiterDeps,
): Promise<number | undefined> {
  const seconds = now() / 1000
  const window = Math.floor(seconds / windowS)
  const [name] = await index(`${kind}\n${window}\n${subject}`)
  // The window is part of the name, so that everybody knows when it ends; the row goes some time after that.
  const counted = await store.increment(`login:${name}`, windowS * 1000)
  if (counted <= limit) return undefined
  if (isByLot && (await lotOf(`${kind}\n${window}\n${counted}\n${subject}`, index)) * counted < limit)
    return undefined
  // Once in the life of the process: a flood of sign-ins is to be none of log lines.
  if (kind !== 'turn') log.warnOnce(`Sign-ins are held up: loginLimits.${kind} was reached.`)
  return Math.max(1, Math.ceil((window + 1) * windowS - seconds))
}

/** A number from 0 to 1 that is the same for the same text, and that nobody without the secret can foresee. */
async function lotOf(text: string, index: BlindIndex): Promise<number> {
  const [name = ''] = await index(`lot\n${text}`)
  return Buffer.from(name, 'base64url').readUIntBE(0, 6) / 2 ** 48
}

function networkOf(address: string | undefined, log: LoginLimiterDeps['log']): string | undefined {
  if (!address) return undefined
  const network = clientNetwork(address)
  // Taken as it is, a list would let every client make itself a new name.
  if (network === undefined)
    log.warnOnce('clientAddress gave something else than one IP address: no limit by it.')
  return network
}

/** All spellings of one name are one name. */
function normalize(identifier: string): string {
  try {
    return parseIdentifier(identifier)
  } catch {
    // Nothing that leads anywhere.
    return identifier.trim().toLowerCase()
  }
}

function readLimits(given: Partial<LoginLimits> | false, isLocal: boolean): LoginLimits | undefined {
  if (given === false) return undefined
  const factor = isLocal ? 100 : 1
  const read = (name: keyof LoginLimits) => given[name] ?? defaults[name] * factor
  return { perAddress: read('perAddress'), perIdentifier: read('perIdentifier'), overall: read('overall') }
}
