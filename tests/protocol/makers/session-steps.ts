/** The steps of a session: its calls, its tokens and its end. */
import { type OAuthSession, ScopeMissingError } from 'next-atproto-auth/oauth'
import { expect } from 'vitest'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import type { Maker, Step } from '../../support/protocol/makers/maker.ts'
import type { ScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { alter } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'
import {
  createRecord,
  HOUR_MS,
  LIKES,
  type Life,
  type Outcome,
  outcomeOf,
  signIn,
  startLife,
  startSession,
  textOf,
} from './life.ts'
import type { signInSteps } from './sign-in-steps.ts'

type SessionStep = Exclude<Step, keyof typeof signInSteps>

const GET_SESSION = 'com.atproto.server.getSession'
const UPLOAD = '/xrpc/com.atproto.repo.uploadBlob'
const POST = 'app.bsky.feed.post'
const LIKE = 'app.bsky.feed.like'
const STREAM_BYTES = 300_000

export const sessionSteps: Readonly<Record<SessionStep, (maker: Maker) => Promise<Outcome>>> = {
  async query(maker) {
    await using life = await startLife(maker)
    const session = await startSession(life)
    const params = { actor: session.did, limit: 10 }
    return await outcomeOf(session.get('app.bsky.feed.getAuthorFeed', { params }))
  },

  async write(maker) {
    await using life = await startLife(maker)
    const session = await startSession(life)
    const outcome = await outcomeOf(createRecord(session, POST))
    expect(life.network.violations).toEqual([])
    return outcome
  },

  async stream(maker) {
    await using life = await startLife(maker)
    const session = await startSession(life)
    expect(await upload(session)).toMatchObject({ size: STREAM_BYTES })
    expect(life.network.sent(UPLOAD)).toHaveLength(1)
    return 'works'
  },

  async nonce(maker) {
    await using life = await startLife(maker)
    const session = await startSession(life)
    await session.get(GET_SESSION)
    rotateNonces(life.network)
    await session.get(GET_SESSION)
    rotateNonces(life.network)
    await session.refresh()
    rotateNonces(life.network)
    await createRecord(session, POST)
    expect(life.network.violations).toEqual([])
    return 'works'
  },

  async refresh(maker) {
    await using life = await startLife(maker)
    const { network } = life
    const session = await startSession(life)
    await session.refresh()
    await session.get(GET_SESSION)
    network.advance(HOUR_MS)
    await session.get(GET_SESSION)
    expectRotations(network, 2)
    return 'works'
  },

  async endedToken(maker) {
    await using life = await startLife(maker)
    const { network } = life
    network.home.as.answer('/oauth/token', async (_, usual) => alter(await usual(), { expires_in: 7_200 }))
    const session = await startSession(life)
    await session.get(GET_SESSION)
    network.advance(HOUR_MS)
    await session.get(GET_SESSION)
    network.advance(HOUR_MS)
    await createRecord(session, POST)
    network.advance(HOUR_MS)
    expect(await upload(session)).toMatchObject({ size: STREAM_BYTES })
    expectRotations(network, 3)
    return 'works'
  },

  async twoProcesses(maker) {
    await using life = await startLife(maker)
    const { network } = life
    const [first, second] = await startTwoProcesses(life)
    network.advance(HOUR_MS)
    await Promise.all([first, second].map((session) => session.get(GET_SESSION)))
    expectRotations(network, 1)
    await first.refresh()
    // It still holds the tokens that the refresh has replaced.
    await createRecord(second, POST)
    expectRotations(network, 2)
    return 'works'
  },

  async endedSession(maker) {
    await using life = await startLife(maker)
    const { network } = life
    const session = await startSession(life)
    network.home.as.grants.revoke(network.home.as.grants.all.at(0)?.refreshToken ?? '')
    network.advance(HOUR_MS)
    const first = await refusalOf(session.get(GET_SESSION))
    if (session.isEnded) return 'works'
    network.advance(HOUR_MS / 2)
    await refusalOf(session.get(GET_SESSION))
    network.advance(HOUR_MS / 2)
    expect(await refusalOf(session.get(GET_SESSION))).toMatchObject({
      code: 'session_ended',
      reason: 'revoked',
    })
    return textOf(first)
  },

  async permission(maker) {
    await using life = await startLife(maker)
    const session = await startSession(life)
    const error = await refusalOf(createRecord(session, LIKE))
    // The session goes on.
    await createRecord(session, POST)
    if (!(error instanceof ScopeMissingError) || error.missingScope === undefined) return textOf(error)
    expect(error).toMatchObject({
      missingScope: `${LIKES}?action=create`,
      askFor: expect.stringContaining(LIKES),
    })
    return 'works'
  },

  async signOut(maker) {
    await using life = await startLife(maker)
    const { network, warnings } = life
    const session = await startSession(life)
    await session.signOut()
    expect(await refusalOf(session.get(GET_SESSION))).toMatchObject({ code: 'session_ended' })
    const [grant] = network.home.as.grants.all
    return grant?.alive ? warnings.join(' ') : 'works'
  },
}

/** What the PDS says of an uploaded stream. */
async function upload(session: OAuthSession): Promise<unknown> {
  const body = new Blob(['x'.repeat(STREAM_BYTES)]).stream()
  const response = await session.fetchHandler(UPLOAD, { method: 'POST', body })
  return response.json()
}

/** One session, held by two processes that share a store. */
async function startTwoProcesses(life: Life): Promise<readonly [OAuthSession, OAuthSession]> {
  const store = createMemoryStore({ now: life.network.now })
  const first = await signIn(life, life.createProcess(store))
  const process = life.createProcess(store)
  return [first, await process.restore(first.did, false, { sessionId: first.id })]
}

function rotateNonces({ home }: ScriptedNetwork): void {
  for (const { nonces } of [home.as, home.pds]) nonces.rotate()
}

/** Each refresh token was sent once. */
function expectRotations(network: ScriptedNetwork, rotations: number): void {
  expect(network.home.as.grants.counts).toMatchObject({ rotations, replays: 0 })
  const sent = network.sent('/oauth/token').flatMap(({ form }) => form.get('refresh_token') ?? [])
  expect(new Set(sent).size).toBe(rotations)
  expect(network.violations).toEqual([])
}
