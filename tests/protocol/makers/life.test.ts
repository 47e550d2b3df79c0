/** A session’s whole life at the server of each maker, step by step; docs/servers.md tells of the same steps. */
import { describe, expect, it } from 'vitest'
import { makers } from '../../support/protocol/makers/index.ts'
import { type Step, steps } from '../../support/protocol/makers/maker.ts'
import { createRecord, signIn, startLife } from './life.ts'
import { sessionSteps } from './session-steps.ts'
import { signInSteps } from './sign-in-steps.ts'

const all = { ...signInSteps, ...sessionSteps }

describe.each(makers)('at $name', (maker) => {
  const { limits } = maker
  const reached = (Object.keys(steps) as Step[]).filter(
    (step) => step === 'confidential' || canSignIn(limits),
  )

  it.each(reached.map((step) => [steps[step], step] as const))('%s', async (_, step) => {
    const limit = limits[step]
    const outcome = await all[step](maker)
    if (!limit) return expect(outcome).toBe('works')
    expect(outcome).toContain(limit.seen)
    expect(outcome).toContain(limit.visitorReads ?? '')
  })
})

it.each(makers.filter(({ limits }) => canSignIn(limits)))(
  'tells the log once what $name leaves out, and nothing else',
  async ({ traits, warnings: expected = [] }) => {
    await using life = await startLife({ traits })
    const client = life.createProcess()
    for (let time = 0; time < 2; time += 1) {
      const session = await signIn(life, client)
      await session.refresh()
      await createRecord(session, 'app.bsky.feed.post')
      await session.signOut()
    }
    expect(life.warnings.toSorted()).toEqual(expected.map((text) => expect.stringContaining(text)))
  },
)

/** Without a sign-in, no other step is reached. */
function canSignIn(limits: (typeof makers)[number]['limits']): boolean {
  return limits.confidential === undefined
}
