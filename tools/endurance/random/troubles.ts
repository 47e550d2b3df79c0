/** What goes wrong during a part: one thing after the other, sometimes two at a time. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer } from '../../../tests/support/protocol/scripted-server.ts'
import type { RunPlace } from '../app/store-place.ts'
import type { Run } from './run.ts'
import type { Dice } from './seeded.ts'
import type { TroubleKind } from './trouble-log.ts'
import type { ServerName } from './watched-network.ts'

export interface TroubleSource {
  readonly run: Run
  readonly place: RunPlace
  readonly dice: Dice
  /** Between two troubles, on average. */
  readonly pauseMs: number
}

interface Trouble {
  readonly name: string
  readonly kind: TroubleKind
  /** Resolves when it is over. */
  readonly play: () => Promise<void>
}

const SHORT_MS = 300
const LONG_MS = 4_000
/** The time in which a refresh is stored that a process has an answer to. */
const STORED_WITHIN_MS = 5_000
/** In which a lost answer shows. */
const SOON_MS = 500

/** Makes trouble until the signal comes; resolves when the last one is over. */
export async function makeTrouble(source: TroubleSource, signal: AbortSignal): Promise<void> {
  const { run, dice, pauseMs } = source
  while (!signal.aborted) {
    await sleep(pauseMs * (0.5 + dice.share()), undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return
    const { name, kind, play } = choose(source)
    const end = run.troubles.begin(name, kind)
    await play()
    end()
  }
}

function choose(source: TroubleSource): Trouble {
  const { dice } = source
  const kind = dice.weighted({ store: 6, server: 6, token: 2, nonces: 2, revocation: 2, kill: 3, restart: 3 })
  if (kind === 'store') return storeTrouble(source)
  if (kind === 'server') return serverTrouble(source)
  if (kind === 'kill' || kind === 'restart') return processTrouble(source, kind)
  return quietTrouble(source, kind)
}

function storeTrouble({ place, dice }: TroubleSource): Trouble {
  const name = dice.pick(Object.keys(place.troubles)) ?? ''
  const ms = SHORT_MS + dice.below(LONG_MS)
  const play = async () => {
    await place.troubles[name]?.(ms)
    await sleep(SOON_MS)
  }
  return { name, kind: 'store', play }
}

const faults: Readonly<Record<string, Answer>> = {
  'answers 500': { status: 500, body: 'broken' },
  'answers 503': { status: 503, body: 'busy', headers: { 'retry-after': '1' } },
  'answers 429': { status: 429, json: { error: 'slow_down' }, headers: { 'retry-after': '1' } },
  'drops connections': { drop: true },
}
const servers: readonly ServerName[] = ['authorization server', 'PDS', 'directory']

function serverTrouble({ run, dice }: TroubleSource): Trouble {
  const server = dice.pick(servers) ?? 'PDS'
  const fault = dice.pick(Object.keys(faults)) ?? ''
  const ms = SHORT_MS + dice.below(LONG_MS)
  const play = async () => {
    run.network.setTrouble(server, faults[fault])
    await sleep(ms)
    run.network.setTrouble(server, undefined)
  }
  return { name: `the ${server} ${fault}`, kind: 'server', play }
}

function processTrouble({ run, dice }: TroubleSource, kind: 'kill' | 'restart'): Trouble {
  const process = dice.pick(run.application.running)
  const play = async () => {
    if (!process) return
    if (kind === 'restart') return run.application.replaceOne(process)
    const storeSince = run.troubles.storeTroubleSince() ?? Number.POSITIVE_INFINITY
    const killing = run.application.killOne(process)
    run.network.markKilled(Math.max(STORED_WITHIN_MS, performance.now() - storeSince + STORED_WITHIN_MS))
    await killing
  }
  return { name: kind === 'kill' ? 'a process was killed' : 'a process is replaced', kind: 'quiet', play }
}

function quietTrouble({ run, dice }: TroubleSource, kind: 'token' | 'nonces' | 'revocation'): Trouble {
  const { as, pds } = run.network.network.home
  if (kind === 'token')
    return { name: 'a token answer is lost', kind: 'quiet', play: async () => run.network.loseTokenAnswer() }
  const play = async () => {
    if (kind === 'nonces') for (const server of [as, pds]) server.nonces.rotate()
    const grant = dice.pick(as.grants.all.filter(({ alive }) => alive))
    if (kind === 'revocation' && grant) run.network.revoke(grant)
  }
  return { name: kind === 'nonces' ? 'new nonces' : 'a server revokes a session', kind: 'quiet', play }
}
