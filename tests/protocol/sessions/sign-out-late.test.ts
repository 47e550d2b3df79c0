/** A sign-out that the store did not confirm in time, and carries out later: a Redis or PostgreSQL that stood still does so. */
import { expect, it } from 'vitest'
import { StoreUnavailableError } from '../../../lib/errors.ts'
import type { Store } from '../../../lib/store/contract.ts'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { createNextApp, SESSION_COOKIE } from '../../support/protocol/next-app.ts'
import { alice, type ScriptedNetwork, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { recordLog } from '../../support/record-log.ts'

/** A store that once gives no answer to the removal of a session, and removes it when it goes on. */
function createStalledStore() {
  const memory = createMemoryStore()
  let stalled: string | undefined
  let isStalling = false
  const store: Store = {
    ...memory,
    async take(key) {
      if (!isStalling || !key.startsWith('session:')) return memory.take(key)
      stalled = key
      isStalling = false
      throw new StoreUnavailableError('There was no answer in time.')
    },
  }
  return {
    store,
    stall() {
      isStalling = true
    },
    goOn: async () => memory.take(stalled ?? ''),
  }
}

/** A visitor who is signed in, and whose store does not answer in time from then on. */
async function signInAndStall(network: ScriptedNetwork) {
  recordLog()
  const { store, stall, goOn } = createStalledStore()
  const visitor = createNextApp(network, { store }).visit()
  await visitor.signIn(alice)
  stall()
  return { visitor, goOn }
}

it('is answered with 503 and keeps the cookie; once the store has gone on, the user is signed out all the same', async () => {
  await using network = await startScriptedNetwork()
  const { visitor, goOn } = await signInAndStall(network)
  const failed = await visitor.post('/oauth/logout')
  expect([failed.status, failed.headers.getSetCookie()]).toEqual([503, []])
  expect(await visitor.whoIsSignedIn()).toBe(alice.did)
  expect(await goOn()).toBeDefined()
  expect(await visitor.whoIsSignedIn()).toBeUndefined()
  // Trying again is harmless, and tidies up the cookie. The tokens went with the row: they can be revoked no more.
  const again = await visitor.post('/oauth/logout')
  expect([again.status, visitor.jar.get(SESSION_COOKIE) ?? '']).toEqual([303, ''])
  expect(network.sent('/oauth/revoke')).toEqual([])
})

it('is finished by another try while the store has not carried it out, with a revocation', async () => {
  await using network = await startScriptedNetwork()
  const { visitor, goOn } = await signInAndStall(network)
  await visitor.post('/oauth/logout')
  expect((await visitor.post('/oauth/logout')).status).toBe(303)
  expect(network.home.as.grants.all.map(({ alive }) => alive)).toEqual([false])
  expect(await goOn()).toBeUndefined()
})
