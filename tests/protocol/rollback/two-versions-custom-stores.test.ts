/** The previous version and the working tree share an application's `sessionStore` and `stateStore`. */
import {
  type InternalStateData,
  type RuntimeLock,
  requestLocalLock,
  type Session,
} from 'next-atproto-auth/oauth'
import { describe, expect, it } from 'vitest'
import { createJsonStore } from '../../support/json-store.ts'
import { call } from '../../support/protocol/scripted-client.ts'
import { alice } from '../../support/protocol/scripted-network.ts'
import { refusalOf } from '../../support/refusal.ts'
import { type Library, orders } from './library.ts'
import { APP_STATE, describeClient, LABEL, signIn, startWritingNetwork } from './write-client.ts'
import { LOOPBACK } from './written.ts'

const HOUR_MS = 3_600_000
/** One for both versions, as processes would share it. */
const requestLock: RuntimeLock = (name, fn) => requestLocalLock(name, fn)

describe.each(orders)('$title', ({ one, other }) => {
  async function start() {
    const network = await startWritingNetwork()
    const [states, sessions] = [createJsonStore<InternalStateData>(), createJsonStore<Session>()]
    const process = (library: Library) =>
      new library.OAuthClient({
        clientMetadata: describeClient(library, LOOPBACK),
        stateStore: states.store,
        sessionStore: sessions.store,
        localNetwork: network.localNetwork,
        requestLock,
        now: network.now,
        onWarning: () => undefined,
      })
    return { network, process, [Symbol.asyncDispose]: () => network[Symbol.asyncDispose]() }
  }

  it('each version goes on with the tokens that the other has refreshed', async () => {
    await using started = await start()
    const { network, process } = started
    const { counts } = network.home.as.grants
    const first = await signIn(process(one), alice, { as: network.home.as, label: LABEL })
    const second = await process(other).restore(alice.did, false)
    expect([await call(first), await call(second)]).toEqual([200, 200])
    for (const [session, later, rotations] of [
      [second, first, 1],
      [first, second, 2],
    ] as const) {
      network.advance(HOUR_MS)
      expect([await call(session), await call(later)]).toEqual([200, 200])
      expect(counts).toMatchObject({ rotations, replays: 0 })
    }
    network.advance(HOUR_MS)
    await Promise.all([first.refresh(), second.refresh()])
    expect(counts).toMatchObject({ rotations: 3, replays: 0 })
    await second.signOut()
    expect(await refusalOf(first.getTokenInfo(false))).toMatchObject({ code: 'session_ended' })
  })

  it('one version finishes a sign-in that the other has begun, and it is used up for both', async () => {
    await using started = await start()
    const { network, process } = started
    const { url } = await process(one).start(alice.handle, { state: APP_STATE })
    const params = network.home.as.approve(url, alice.did).searchParams
    const { session, state } = await process(other).callback(params)
    expect([state, await call(session)]).toEqual([APP_STATE, 200])
    expect(await refusalOf(process(one).callback(params))).toMatchObject({ code: 'state_unknown' })
  })
})
