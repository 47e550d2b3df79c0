/** The steps that lead to a session. */
import { expect } from 'vitest'
import type { Maker, Step } from '../../support/protocol/makers/maker.ts'
import { alice } from '../../support/protocol/scripted-network.ts'
import { refusalOf } from '../../support/refusal.ts'
import {
  LIKES,
  MIXED_SCOPE,
  type Outcome,
  SCOPE,
  SCOPE_OF_TWO_ACTIONS,
  signIn,
  signInOutcomeOf,
  startLife,
  startSession,
} from './life.ts'

type SignInStep = Extract<
  Step,
  'confidential' | 'loopback' | 'address' | 'slowConsent' | 'clock' | 'declined' | 'mixedScope' | 'twoActions'
>

const SLOW_MS = 6 * 60_000
const CLOCK_MS = 4 * 60_000

export const signInSteps: Readonly<Record<SignInStep, (maker: Maker) => Promise<Outcome>>> = {
  async confidential(maker) {
    await using life = await startLife(maker)
    const outcome = await signInOutcomeOf(startSession(life))
    expect(life.network.violations).toEqual([])
    return outcome
  },

  async loopback(maker) {
    await using life = await startLife(maker)
    const outcome = await signInOutcomeOf(signIn(life, life.createLoopbackClient()))
    expect(life.network.violations).toEqual([])
    return outcome
  },

  async address(maker) {
    await using life = await startLife(maker)
    const { pds, as } = life.network.home
    for (const { origin } of new Set([pds, as])) {
      const session = await signIn(life, life.createProcess(), { input: origin })
      expect(session.did).toBe(alice.did)
    }
    return 'works'
  },

  async slowConsent(maker) {
    await using life = await startLife(maker)
    const client = life.createProcess()
    const { url } = await client.start(alice.handle, { scope: SCOPE })
    life.network.advance(SLOW_MS)
    const { searchParams } = life.network.home.as.approve(url, alice.did)
    return await signInOutcomeOf(client.callback(searchParams))
  },

  async clock(maker) {
    for (const serverSkewMs of [-CLOCK_MS, CLOCK_MS]) {
      await using life = await startLife(maker, { serverSkewMs })
      const outcome = await signInOutcomeOf(signInAndCall(life))
      if (outcome !== 'works') return outcome
    }
    return 'works'
  },

  async declined(maker) {
    await using life = await startLife(maker)
    const client = life.createProcess()
    const { url } = await client.start(alice.handle, { scope: SCOPE })
    const back = life.network.home.as.decline(url)
    if (!client.clientMetadata.redirect_uris.includes(back.origin + back.pathname)) return back.href
    expect(await refusalOf(client.callback(back.searchParams))).toMatchObject({ code: 'access_denied' })
    return 'works'
  },

  async mixedScope(maker) {
    await using life = await startLife(maker)
    return await signInOutcomeOf(signIn(life, life.createProcess(), { scope: MIXED_SCOPE }))
  },

  async twoActions(maker) {
    await using life = await startLife(maker)
    const session = await signIn(life, life.createProcess(), { scope: SCOPE_OF_TWO_ACTIONS })
    const areGranted = ['create', 'delete'].every((action) => session.can(`${LIKES}?action=${action}`))
    return areGranted ? 'works' : session.scope
  },
}

async function signInAndCall(life: Awaited<ReturnType<typeof startLife>>): Promise<void> {
  const session = await startSession(life)
  await session.get('com.atproto.server.getSession')
}
