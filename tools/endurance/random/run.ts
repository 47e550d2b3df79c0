/** What the actions of one part share. */
import type { Browser } from '../../../tests/support/browser.ts'
import type { Application } from '../app/application.ts'
import type { Oracle } from './oracle.ts'
import type { Dice } from './seeded.ts'
import type { TroubleLog } from './trouble-log.ts'
import type { WatchedNetwork } from './watched-network.ts'

export const PUBLIC_URL = 'http://127.0.0.1:3000'
export const SESSION_COOKIE = 'atproto-session-3000'
export const SECRET = 'the secret of a random run: 0123456789 abcdef'

export interface Counts {
  actions: number
  'sign-ins': number
  calls: number
  /** Requests that failed while something was wrong on purpose. */
  failed: number
}

export interface Run {
  readonly seed: string
  readonly network: WatchedNetwork
  readonly application: Application
  readonly oracle: Oracle
  readonly troubles: TroubleLog
  readonly browsers: readonly RunBrowser[]
  readonly counts: Counts
  readonly lost: string[]
}

export interface RunBrowser extends Browser {
  readonly name: string
  isBusy: boolean
  /** Session cookies that it had: a tab that was left open may still send them. */
  readonly pastCookies: string[]
  /** Callbacks that it came back with, to come back again. */
  readonly pastCallbacks: string[]
  /** The sign-ins that it finished or may have finished: when the first callback was sent, by code. */
  readonly codes: Map<string, number>
}

/** One action of one browser. */
export interface Turn {
  readonly run: Run
  readonly number: number
  readonly name: string
  readonly browser: RunBrowser
  readonly dice: Dice
}

const MAX_LOST = 50

/** Notes that something came that must not come. */
export function lose({ run, number, name, browser }: Turn, expected: string, came: string): void {
  if (run.lost.length >= MAX_LOST) return
  const where = `seed ${run.seed}, action ${number} (${name}) of ${browser.name}`
  run.lost.push(`${where}: expected ${expected}, came ${came} (${run.troubles.describe()})`)
}
