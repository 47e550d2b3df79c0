/** A sign-out while another process writes the same session. */
import { expect, it } from 'vitest'
import type { Store } from '../../../lib/store/contract.ts'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { call, createScriptedClient, signInWarm } from '../../support/protocol/scripted-client.ts'
import { startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { createGate } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'

const REVOKE = '/oauth/revoke'

it('C2 revokes tokens that another process wrote while the row was being removed', async () => {
  await using network = await startScriptedNetwork()
  const memory = createMemoryStore({ now: network.now })
  let meanwhile: (() => Promise<unknown>) | undefined
  const store: Store = {
    ...memory,
    async take(key) {
      if (key.startsWith('session:')) await meanwhile?.()
      return memory.take(key)
    },
  }
  const { session } = await signInWarm(network, { store })
  const other = createScriptedClient(network, { store })
  network.advance(3_600_000)
  meanwhile = async () => call(await other.restore(session.did, false, { sessionId: session.id }))
  await session.signOut()
  const { counts, all } = network.home.as.grants
  expect(counts).toMatchObject({ rotations: 1, revocations: 1 })
  expect(network.sent(REVOKE).at(-1)?.form.get('token')).toBe(all.at(0)?.refreshToken)
})

it('C2 leaves no row, and a late writer brings none back', async () => {
  await using network = await startScriptedNetwork()
  const memory = createMemoryStore({ now: network.now })
  const gate = createGate()
  let isSignedOut = false
  const store: Store = {
    ...memory,
    async update(...args) {
      if (network.home.as.grants.counts.rotations > 0 && !isSignedOut) await gate.pass()
      return memory.update(...args)
    },
  }
  const { client, session } = await signInWarm(network, { store })
  network.advance(3_600_000)
  // Its tokens are renewed; the write of them comes after the row was removed.
  const late = refusalOf(call(session))
  await gate.reached
  await client.revoke(session.did, { sessionId: session.id })
  isSignedOut = true
  gate.open()
  expect(await late).toMatchObject({ code: 'session_ended' })
  expect(await client.describeSession(session.id)).toBeUndefined()
  expect(await client.listSessions(session.did)).toEqual([])
  const [grant] = network.home.as.grants.all
  expect(network.sent(REVOKE).map(({ form }) => form.get('token'))).toContain(grant?.refreshToken)
  expect(grant?.alive).toBe(false)
})
