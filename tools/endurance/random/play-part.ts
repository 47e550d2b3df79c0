/** One part of random use: an application, its browsers, troubles, and what the oracle says of all answers. */
import { setTimeout as sleep } from 'node:timers/promises'
import { createBrowser } from '../../../tests/support/browser.ts'
import type { StoreKind } from '../../../tests/support/faults/store-place.ts'
import { startApplication } from '../app/application.ts'
import type { Break } from '../app/messages.ts'
import { openRunPlace } from '../app/store-place.ts'
import type { PartResult } from '../long-run.ts'
import { act, checkAtLast, chooseAction } from './actions.ts'
import { findSecretsIn } from './find-secrets.ts'
import { createOracle } from './oracle.ts'
import { lose, PUBLIC_URL, type Run, type RunBrowser, SECRET, type Turn } from './run.ts'
import { createDice, type Dice } from './seeded.ts'
import { createTroubleLog } from './trouble-log.ts'
import { makeTrouble } from './troubles.ts'
import { startWatchedNetwork } from './watched-network.ts'

export interface RandomPart {
  readonly seed: string
  readonly kind: StoreKind
  /** How long actions begin. */
  readonly ms: number
  readonly processes: number
  readonly browsers: number
  /** Browsers that are at work at the same time. */
  readonly lanes: number
  /** Between two troubles, on average; undefined for none. */
  readonly troubleEveryMs: number | undefined
  /** A fault of the application, which the part must find. */
  readonly breaks?: Break
}

/** Life of an access token. */
const TOKEN_MS = 10_000
/** Between two actions of a lane at most. */
const THINKING_MS = 80

export async function playRandomPart(part: RandomPart): Promise<PartResult> {
  await using stack = new AsyncDisposableStack()
  const network = stack.use(await startWatchedNetwork(TOKEN_MS))
  const place = await openRunPlace(part.kind)
  stack.defer(() => place.stop())
  const { plc, resolver, home } = network.network
  const servers = { plcDirectory: plc.origin, handleResolver: resolver.origin }
  const { kind, seed, breaks } = part
  const setup = { kind, address: place.address, publicUrl: PUBLIC_URL, secret: SECRET, ...servers, breaks }
  const application = await startApplication(setup, part.processes)
  stack.defer(async () => void (await application.stop()))
  const run: Run = {
    seed,
    network,
    application,
    oracle: createOracle({ secret: SECRET, doubtOf: network.doubtOf }),
    troubles: createTroubleLog(),
    browsers: Array.from({ length: part.browsers }, (_, index) => createRunBrowser(index)),
    counts: { actions: 0, 'sign-ins': 0, calls: 0, failed: 0 },
    lost: [],
  }
  const isOver = new AbortController()
  const { troubleEveryMs: pauseMs } = part
  const troubles =
    pauseMs === undefined
      ? Promise.resolve()
      : makeTrouble({ run, place, dice: createDice(`${seed} troubles`), pauseMs }, isOver.signal)
  await actAtRandom(run, part)
  isOver.abort()
  await troubles
  await checkAll(run, part.lanes)
  const ended = await application.stop()
  const printed = judgeOutput(run, ended.output)
  const { rotations } = home.as.grants.counts
  return {
    counts: { ...run.counts, refreshes: rotations, troubles: run.troubles.count, ended: countEnded(run) },
    lost: [...run.lost, ...network.lost, ...network.network.violations, ...ended.lost, ...printed],
  }
}

function createRunBrowser(index: number): RunBrowser {
  const own = {
    name: `browser ${index + 1}`,
    isBusy: false,
    pastCookies: [],
    pastCallbacks: [],
    codes: new Map(),
  }
  return { ...createBrowser(), ...own }
}

/** Each lane takes a browser that does nothing, and lets it do something. */
async function actAtRandom(run: Run, { lanes, ms }: RandomPart): Promise<void> {
  const dice = createDice(`${run.seed} choices`)
  const endsAt = performance.now() + ms
  const lane = async () => {
    while (performance.now() < endsAt) {
      const browser = dice.pick(run.browsers.filter(({ isBusy }) => !isBusy))
      if (browser) await playAction(run, browser, dice)
      await sleep(dice.below(THINKING_MS))
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}

async function playAction(run: Run, browser: RunBrowser, dice: Dice): Promise<void> {
  run.counts.actions += 1
  const number = run.counts.actions
  // A browser without an account has little else to do.
  const name = browser.jar.size === 0 && dice.share() < 0.8 ? 'sign-in' : chooseAction(dice)
  await takeTurn({ run, number, name, browser, dice: createDice(`${run.seed} action ${number}`) }, (turn) =>
    act(turn, name),
  )
}

async function takeTurn(turn: Turn, work: (turn: Turn) => Promise<void>): Promise<void> {
  turn.browser.isBusy = true
  try {
    await work(turn)
  } catch (error) {
    lose(turn, 'no error of the run itself', error instanceof Error ? (error.stack ?? '') : String(error))
  } finally {
    turn.browser.isBusy = false
  }
}

async function checkAll(run: Run, lanes: number): Promise<void> {
  const left = [...run.browsers]
  const lane = async () => {
    for (let browser = left.shift(); browser; browser = left.shift()) {
      const dice = createDice(`${run.seed} check of ${browser.name}`)
      await takeTurn({ run, number: run.counts.actions, name: 'last check', browser, dice }, checkAtLast)
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}

/** What the processes printed must not say. */
function judgeOutput(run: Run, output: string): readonly string[] {
  const secrets = findSecretsIn(run, output).map((kind) => `the application printed ${kind}`)
  const untyped = output.split('\n').filter((line) => /UNTYPED|Unhandled|unhandled/.test(line))
  return [...secrets, ...new Set(untyped)].map((line) => `seed ${run.seed}: ${line}`)
}

function countEnded({ oracle }: Run): number {
  return oracle.sessions.filter(({ endedAt }) => endedAt !== undefined).length
}
