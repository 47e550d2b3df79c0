/** A session’s whole life at the server of each maker, step by step; docs/servers.md tells of the same steps. */
import { describe, expect, it } from 'vitest'
import { makers } from '../../support/protocol/makers/index.ts'
import { type Step, steps } from '../../support/protocol/makers/maker.ts'
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
    if (limit) expect(outcome).toContain(limit.seen)
    else expect(outcome).toBe('works')
  })
})

/** Without a sign-in, no other step is reached. */
function canSignIn(limits: (typeof makers)[number]['limits']): boolean {
  return limits.confidential === undefined
}
