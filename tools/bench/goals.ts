/** What the figures are to reach, and whether they do. */
import type { ClientName } from './clients/index.ts'
import type { Row, Section } from './measure.ts'

export interface Goal {
  readonly name: string
  readonly section: string
  /** The row with our figure. */
  readonly row: string
  /** Our column; default this library. */
  readonly column?: string
  readonly atMost: Limit
  /** Where the time or the bytes go, as a profile shows; written on the page while the goal is not reached. */
  readonly whenMissed?: string
}

type Limit =
  /** A number in the row's unit. */
  | { readonly value: number }
  /** So many times the figure of a peer, in the same row or another one. */
  | { readonly times: number; readonly of: ClientName | 'the best peer'; readonly row?: string }

export interface Verdict {
  readonly goal: Goal
  readonly row: Row
  readonly ours: number
  readonly limit: number
  readonly limitText: string
  readonly isReached: boolean
}

const OURS = 'next-atproto-auth'
const ATCUTE = '@atcute/oauth-node-client'

export const goals: readonly Goal[] = [
  {
    name: 'CPU of restore + call',
    section: 'cpu',
    row: 'restore and call',
    atMost: { times: 0.75, of: ATCUTE },
  },
  { name: 'CPU of restore alone', section: 'cpu', row: 'restore', atMost: { times: 1, of: ATCUTE } },
  { name: 'CPU of call alone', section: 'cpu', row: 'call', atMost: { times: 0.9, of: ATCUTE } },
  {
    name: 'CPU of importing `next-atproto-auth/oauth`',
    section: 'imports',
    row: 'oauth',
    column: 'CPU',
    atMost: { times: 1.3, of: ATCUTE, row: 'atcute' },
  },
  {
    name: 'connections for five answers that ask for a nonce',
    section: 'tls',
    row: 'connections: new process: 5 calls, each after the nonce has changed',
    atMost: { value: 1 },
  },
  {
    name: 'bytes of a timeline of 50 posts',
    section: 'tls',
    row: 'bytes: timeline of 50 posts',
    atMost: { times: 1, of: 'the best peer' },
  },
]

/** @throws Error when a goal has no figure, so that none is left out of the page */
export function judge(sections: readonly Section[], all: readonly Goal[] = goals): readonly Verdict[] {
  return all.map((goal) => {
    const rows = sections
      .filter(({ name }) => name === goal.section)
      .flatMap(({ tables }) => tables.flatMap((table) => table.rows))
    const find = (key: string) => rows.find((row) => row.key === key)
    const row = find(goal.row)
    const ours = row?.cells[goal.column ?? OURS]?.median
    const limit = limitOf(goal, find)
    if (!row || ours === undefined || !limit) throw new Error(`The goal "${goal.name}" has no figure.`)
    const isReached = ours <= limit.value
    return { goal, row, ours, limit: limit.value, limitText: limit.text, isReached }
  })
}

function limitOf(
  { row, column, atMost }: Goal,
  find: (key: string) => Row | undefined,
): { readonly value: number; readonly text: string } | undefined {
  if ('value' in atMost) return { value: atMost.value, text: '' }
  const cells = find(atMost.row ?? row)?.cells ?? {}
  const peer = atMost.of === 'the best peer' ? bestPeer(cells) : cells[column ?? atMost.of]?.median
  if (peer === undefined) return undefined
  return { value: atMost.times * peer, text: `${atMost.times} × ${atMost.of}` }
}

function bestPeer(cells: Row['cells']): number | undefined {
  const peers = Object.entries(cells).flatMap(([column, { median }]) => (column === OURS ? [] : [median]))
  return peers.length === 0 ? undefined : Math.min(...peers)
}
