/** The limits of a session's life, which the server keeps, whatever a cookie says. */
import { describe, expect, it } from 'vitest'
import { createScriptedClient, signIn } from '../../support/protocol/scripted-client.ts'
import { startScriptedNetwork } from '../../support/protocol/scripted-network.ts'

describe('the lifetime of a session', () => {
  const DAY_MS = 86_400_000

  async function start(limits: { readonly sessionIdleMs?: number; readonly sessionLifetimeMs?: number }) {
    const network = await startScriptedNetwork()
    const pending: Promise<unknown>[] = []
    const waitUntil = (work: Promise<unknown>) => void pending.push(work)
    const client = createScriptedClient(network, { ...limits, waitUntil })
    const session = await signIn(network, client)
    const use = async () => {
      await client.restore(session.did, false, { sessionId: session.id })
      await Promise.all(pending)
    }
    const isThere = async () => (await client.describeSession(session.id)) !== undefined
    return { network, use, isThere }
  }

  it('C8 ends to the millisecond when it was not used for as long as that', async () => {
    const { network, isThere } = await start({ sessionIdleMs: 3 * DAY_MS })
    await using _ = network
    network.advance(3 * DAY_MS - 1)
    expect(await isThere()).toBe(true)
    network.advance(1)
    expect(await isThere()).toBe(false)
  })

  it('C8 ends to the millisecond after its absolute lifetime, although it was used all the time', async () => {
    const { network, use, isThere } = await start({
      sessionIdleMs: 3 * DAY_MS,
      sessionLifetimeMs: 10 * DAY_MS,
    })
    await using _ = network
    for (let day = 1; day < 10; day += 1) {
      network.advance(DAY_MS)
      await use()
    }
    network.advance(DAY_MS - 1)
    expect(await isThere()).toBe(true)
    network.advance(1)
    expect(await isThere()).toBe(false)
  })
})
