/** A refresh under way while its caller gives up or the person signs out. */
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { call, startExpired } from '../../support/protocol/scripted-client.ts'
import type { ScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { createGate, holdAnswer } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'

const ECHO = '/xrpc/com.example.echo'
const HOUR_MS = 3_600_000

/** Lets the server renew the tokens, but holds its answer back until the gate opens. */
function holdRefresh({ home }: ScriptedNetwork) {
  const gate = createGate()
  home.as.answerOnce('/oauth/token', holdAnswer(gate))
  return gate
}

describe('R8 RF-5 a caller who gives up', () => {
  it('loses no tokens that were rotated meanwhile', async () => {
    const { network, client, session } = await startExpired()
    await using _ = network
    const gate = holdRefresh(network)
    const caller = new AbortController()
    const given = session.fetchHandler(ECHO, { signal: caller.signal })
    await gate.reached
    caller.abort()
    gate.open()
    await refusalOf(given)
    expect(await call(await client.restore(session.did, false, { sessionId: session.id }))).toBe(200)
    expect(network.home.as.grants.counts).toMatchObject({ rotations: 1, replays: 0 })
  })

  it('at 20 points, leaves a session that works', async () => {
    const { network, client, session } = await startExpired()
    await using _ = network
    for (let point = 0; point < 20; point += 1) {
      network.advance(HOUR_MS)
      const caller = new AbortController()
      const current = await client.restore(session.did, false, { sessionId: session.id })
      const given = current.fetchHandler(ECHO, { signal: caller.signal }).catch(() => undefined)
      await sleep(point)
      caller.abort()
      await given
      expect(await call(await client.restore(session.did, false, { sessionId: session.id }))).toBe(200)
    }
    expect(network.home.as.grants.counts).toMatchObject({ rotations: 20, replays: 0 })
  })
})

describe('C2 a sign-out while a refresh is in flight', () => {
  it('wins: the row stays gone and the new tokens are revoked', async () => {
    const { network, client, session } = await startExpired()
    await using _ = network
    const gate = holdRefresh(network)
    // A server that does not know old refresh tokens: only the new one ends the grant.
    network.home.as.answerOnce('/oauth/revoke', { json: {} })
    const late = call(session)
    await gate.reached
    await (await client.restore(session.did, false, { sessionId: session.id })).signOut()
    gate.open()
    expect(await refusalOf(late)).toMatchObject({ code: 'session_ended' })
    await refusalOf(client.restore(session.did, false, { sessionId: session.id }))
    const [grant] = network.home.as.grants.all
    expect(network.sent('/oauth/revoke').map(({ form }) => form.get('token'))).toContain(grant?.refreshToken)
    expect(grant?.alive).toBe(false)
  })

  it('wins over 20 calls that renew at the same time', async () => {
    const { network, client, session } = await startExpired()
    await using _ = network
    const calls = Promise.all(Array.from({ length: 20 }, () => call(session).catch(() => 0)))
    await session.signOut()
    await calls
    await refusalOf(client.restore(session.did, false, { sessionId: session.id }))
    expect(await refusalOf(call(session))).toMatchObject({ code: 'session_ended' })
    expect(network.home.as.grants.all.at(0)?.alive).toBe(false)
  })
})
