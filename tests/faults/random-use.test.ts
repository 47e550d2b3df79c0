/** Random use finds what it is there to find: each of these applications is broken in one way. */
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { type OpenRun, openRun } from '../../tools/endurance/random/open-run.ts'
import { resultOf } from '../../tools/endurance/random/result.ts'
import { createDice } from '../../tools/endurance/random/seeded.ts'
import { actOnce } from '../../tools/endurance/random/turns.ts'

type Breaks = Parameters<typeof openRun>[0]['breaks']

const ACTIONS = 25

/** What is lost in some actions, then something that happens, and as many actions after it. */
async function play(breaks: Breaks, happen: (opened: OpenRun) => void = () => undefined) {
  const size = { seed: 'broken', kind: 'sqlite', processes: 1, browsers: 5 } as const
  await using opened = await openRun({ ...size, ...(breaks && { breaks }) })
  const { run } = opened
  const dice = createDice(run.seed)
  for (let number = 0; number < ACTIONS; number += 1) await actOnce(run, dice)
  happen(opened)
  for (let number = 0; number < ACTIONS; number += 1) await actOnce(run, dice)
  return resultOf(run)
}

function breakPds({ run: { network, troubles } }: OpenRun): void {
  troubles.begin('the PDS answers 503', 'server')
  network.setTrouble('PDS', { status: 503, body: 'busy' })
}

it('finds an application that answers with what another browser got', async () => {
  const { lost } = await play('mixes up browsers')
  expect(lost).toContainEqual(
    expect.stringMatching(
      /^seed broken, action \d+ \(.+\) of browser \d: expected the session of browser \d, came another/,
    ),
  )
})

it('finds an application that signs out because a server fails', async () => {
  const { lost } = await play('signs out on trouble', breakPds)
  expect(lost).toContainEqual(expect.stringContaining('the session cookie is gone'))
})

it('finds an application that shows a token', async () => {
  const { lost } = await play('shows a token')
  expect(lost).toContainEqual(expect.stringContaining('a code or token at /oauth/login'))
})

it('loses nothing with the library as it is, and finds a store that loses sessions', async () => {
  const early: string[] = []
  const { lost } = await play(undefined, ({ place, run }) => {
    early.push(...run.lost, ...run.network.lost)
    const db = new DatabaseSync(place.address)
    db.exec('DELETE FROM entry')
    db.close()
  })
  expect(early).toEqual([])
  expect(lost).toContainEqual(expect.stringContaining('expected a session that works, came signed out'))
})
