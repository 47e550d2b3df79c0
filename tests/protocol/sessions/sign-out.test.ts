/** Signing out: the row first, then the server, which may do what it likes. */
import { expect, it } from 'vitest'
import { StoreUnavailableError } from '../../../lib/errors.ts'
import type { Store } from '../../../lib/store/contract.ts'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { call, createScriptedClient, signIn, signInWarm } from '../../support/protocol/scripted-client.ts'
import { bob, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { type Answer, alter, createGate } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'

const REVOKE = '/oauth/revoke'

it('RV-1 revokes the refresh token with client_id and the session’s proof, once', async () => {
  await using network = await startScriptedNetwork()
  const { client, session } = await signInWarm(network)
  await session.signOut()
  const [request, ...more] = network.sent(REVOKE)
  expect(Object.fromEntries(request?.form ?? [])).toEqual({
    client_id: client.clientMetadata.client_id,
    token: network.home.as.grants.all.at(0)?.refreshToken,
  })
  expect(request?.proof?.claims).not.toHaveProperty('ath')
  expect(more).toEqual([])
  expect(network.home.as.grants.counts.revocations).toBe(1)
  expect(network.violations).toEqual([])
})

it('RV-1 revokes the access token where there is no refresh token', async () => {
  await using network = await startScriptedNetwork()
  network.home.as.answerOnce('/oauth/token', async (_, usual) =>
    alter(await usual(), { refresh_token: undefined }),
  )
  const { session } = await signInWarm(network)
  await session.signOut()
  const [grant] = network.home.as.grants.all
  expect(network.sent(REVOKE).map(({ form }) => form.get('token'))).toEqual([grant?.accessToken])
  expect(grant?.alive).toBe(false)
})

it('RV-2 revokes although the server asks for a nonce first', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.home.as.nonces.rotate()
  await session.signOut()
  expect(network.home.as.grants.counts.revocations).toBe(1)
})

it('revokes the newest tokens although the session object knows older ones', async () => {
  await using network = await startScriptedNetwork()
  const { client, session } = await signInWarm(network)
  network.advance(3_600_000)
  await call(await client.restore(session.did, false, { sessionId: session.id }))
  await session.signOut()
  expect(network.sent(REVOKE).at(-1)?.form.get('token')).toBe(network.home.as.grants.all.at(0)?.refreshToken)
})

it('sends nothing with the tokens of a session that it has signed out', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  await session.signOut()
  const before = network.requests.length
  expect(await refusalOf(call(session))).toMatchObject({ code: 'session_ended', reason: 'signed_out' })
  expect(await refusalOf(session.get('com.example.echo'))).toMatchObject({ code: 'session_ended' })
  expect(network.requests.slice(before)).toEqual([])
})

it('sends nothing with the tokens any more while the server is still asked to revoke them', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  const gate = createGate()
  network.home.as.answer(REVOKE, async () => {
    await gate.pass()
    return { json: {} }
  })
  const signedOut = session.signOut()
  await gate.reached
  const before = network.requests.length
  expect(session.isEnded).toBe(true)
  expect(await refusalOf(call(session))).toMatchObject({ code: 'session_ended', reason: 'signed_out' })
  expect(network.requests.slice(before)).toEqual([])
  gate.open()
  await signedOut
})

it('serves on where the row could not be removed', async () => {
  await using network = await startScriptedNetwork()
  const memory = createMemoryStore({ now: network.now })
  let isDown = false
  const store: Store = {
    ...memory,
    async take(key) {
      if (isDown) throw new StoreUnavailableError('down')
      return memory.take(key)
    },
  }
  const { session } = await signInWarm(network, { store })
  isDown = true
  expect(await refusalOf(session.signOut())).toMatchObject({ code: 'store_unavailable' })
  expect(session.isEnded).toBe(false)
  expect(await call(session)).toBe(200)
})

const answers: readonly [string, Answer][] = [
  ['503', { status: 503 }],
  ['a dropped connection', { drop: true }],
  ['a page', { headers: { 'content-type': 'text/html' }, body: '<p>' }],
  ['a redirect', { status: 302, headers: { location: '/' } }],
]
it.each(answers)('RV-3 O14 signs out when the server answers the revocation with %s', async (_, answer) => {
  await using network = await startScriptedNetwork()
  const { client, session } = await signInWarm(network)
  network.home.as.answer(REVOKE, answer)
  await session.signOut()
  await refusalOf(client.restore(session.did, false, { sessionId: session.id }))
  expect(network.sent(REVOKE)).toHaveLength(1)
})

it('RV-3 O14 has removed the row while a server hangs, and waits three seconds at most', async () => {
  await using network = await startScriptedNetwork()
  const { client, session } = await signInWarm(network)
  const gate = createGate()
  network.home.as.answer(REVOKE, async () => {
    await gate.pass()
    return { json: {} }
  })
  const began = performance.now()
  const signedOut = session.signOut()
  await gate.reached
  await refusalOf(client.restore(session.did, false, { sessionId: session.id }))
  await signedOut
  expect(performance.now() - began).toBeLessThan(3_500)
  gate.open()
})

it('RV-1 signs out where the server has no revocation endpoint', async () => {
  await using network = await startScriptedNetwork()
  network.home.as.answer('/.well-known/oauth-authorization-server', async (_, usual) =>
    alter(await usual(), { revocation_endpoint: undefined }),
  )
  const { client, session } = await signInWarm(network)
  await session.signOut()
  await refusalOf(client.restore(session.did, false, { sessionId: session.id }))
  expect(network.sent(REVOKE)).toEqual([])
})

it('does not ask for the revocation of nothing when the session had ended already', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.advance(3_600_000)
  network.home.as.answer('/oauth/token', { status: 400, json: { error: 'invalid_grant' } })
  await refusalOf(call(session))
  await session.signOut()
  expect(network.sent(REVOKE).filter(({ form }) => !form.get('token'))).toEqual([])
})

it('ends a session by its id, in whatever state, and only for its own account', async () => {
  await using network = await startScriptedNetwork()
  const { client, session } = await signInWarm(network)
  const { did, id: sessionId } = session
  await client.revoke(bob.did, { sessionId })
  await client.revoke(did, { sessionId: 'unknown' })
  expect(await call(session)).toBe(200)
  await client.revoke(did, { sessionId })
  await refusalOf(client.restore(did, false, { sessionId }))
  expect(network.sent(REVOKE)).toHaveLength(1)
  await client.revoke(did, { sessionId })
  expect(network.sent(REVOKE)).toHaveLength(1)
})

it('C12 ends one of two sessions of an account and leaves the other', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  const [first, second] = [await signIn(network, client), await signIn(network, client)]
  await first.signOut()
  expect(await call(second)).toBe(200)
  expect(network.home.as.grants.all.map(({ alive }) => alive)).toEqual([false, true])
})
