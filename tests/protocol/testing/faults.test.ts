/** What an application's tests let go wrong. */
import { describe, expect, it } from 'vitest'
import { createTestNetwork, signedInSession, testDid } from '../../../lib/testing/index.ts'

const alice = testDid('alice.test')
const POST = 'app.bsky.feed.post'
const scope = `atproto repo:${POST}`
const record = { text: 'Hello' }
const write = { body: { repo: alice, collection: POST, record } }
const create = 'com.atproto.repo.createRecord'
const WHO = 'com.atproto.server.getSession'

async function start(asked = scope) {
  const network = await createTestNetwork()
  return {
    network,
    session: await signedInSession({ network, did: alice, scope: asked }),
    [Symbol.asyncDispose]: () => network.stop(),
  }
}

describe('a fault', () => {
  it('takes a server down, and up again', async () => {
    await using test = await start()
    await test.network.setFaults({ down: ['pds'] })
    await expect(test.session.get(WHO)).rejects.toMatchObject({ code: 'network_error' })
    await test.network.setFaults({})
    expect((await test.session.get(WHO)).data).toMatchObject({ did: alice })
  })

  it('takes down the one server and not the others', async () => {
    await using test = await start()
    await test.network.setFaults({ down: ['authorization server', 'directory', 'appview'] })
    expect((await test.session.get(WHO)).data).toMatchObject({ did: alice })
    await test.network.expireTokens('alice.test')
    await expect(test.session.get(WHO)).rejects.toMatchObject({ retryable: true })
  })

  it('makes every answer slow', async () => {
    await using test = await start()
    await test.network.setFaults({ delayMs: 300 })
    await expect(test.session.get(WHO, { timeoutMs: 20 })).rejects.toMatchObject({ code: 'timeout' })
  })

  it.each([
    [scope, `repo:${POST}`],
    [scope, `repo:${POST}?action=create`],
    [`${scope}?action=create`, `repo:${POST}`],
  ])('withholds from %s, also from sessions that had it: %s', async (asked, withheld) => {
    await using test = await start(asked)
    await test.network.setFaults({ withhold: [withheld] })
    await expect(test.session.post(create, write)).rejects.toMatchObject({ code: 'scope_missing' })
    expect(await test.network.records('alice.test', POST)).toEqual([])
  })
})

describe('a session', () => {
  it('is refreshed when its tokens have ended', async () => {
    await using test = await start()
    await test.session.get(WHO)
    await test.network.expireTokens('alice.test')
    expect((await test.session.get(WHO)).data).toMatchObject({ did: alice })
    const tokens = (await test.network.requests()).filter(({ path }) => path === '/oauth/token')
    expect(tokens.length).toBeGreaterThan(0)
  })

  it('ends when the account revokes it at its server', async () => {
    await using test = await start()
    await test.network.endSessions('alice.test')
    await expect(test.session.get(WHO)).rejects.toMatchObject({ code: 'session_ended' })
  })

  it('of another account goes on', async () => {
    await using test = await start()
    await test.network.endSessions('bob.test')
    expect((await test.session.get(WHO)).data).toMatchObject({ did: alice })
  })
})

it('a reset forgets all but the accounts', async () => {
  await using test = await start()
  const { network, session } = test
  await network.addAccount('carol.test')
  await session.post(create, write)
  await network.answer('app.bsky.feed.searchPosts', {})
  await network.setFaults({ down: ['pds'] })
  await network.reset()
  expect(await network.records('alice.test', POST)).toEqual([])
  expect(await network.requests()).toEqual([])
  expect((await network.account('carol.test')).handle).toBe('carol.test')
  await expect(session.get(WHO)).rejects.toMatchObject({ code: 'session_ended' })
})
