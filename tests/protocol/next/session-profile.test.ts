/** `GET /oauth/session?profile=1`: the public profile of the account in this browser's cookie, and of no other. */
import { describe, expect, it } from 'vitest'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { createNextApp, foreignForm } from '../../support/protocol/next-app.ts'
import { alice, bob, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'

const script = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }
const GET_RECORD = '/xrpc/com.atproto.repo.getRecord'
const cid = `bafkrei${'a'.repeat(52)}`
const avatar = { $type: 'blob', ref: { $link: cid }, mimeType: 'image/png', size: 7 }

async function start() {
  await using stack = new AsyncDisposableStack()
  const network = stack.use(await startScriptedNetwork())
  network.home.pds.answer(GET_RECORD, { json: { uri: 'at://x', value: { displayName: 'Alice', avatar } } })
  const store = createMemoryStore({ now: network.now })
  const app = createNextApp(network, { store })
  const visitor = app.visit()
  const owned = stack.move()
  return { network, app, visitor, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

describe('the session route with a profile', () => {
  it('gives handle, name and picture, asked of the PDS without a token', async () => {
    await using test = await start()
    await test.visitor.signIn(alice)
    const answer = await test.visitor.get('/oauth/session?profile=1', script)
    const { origin } = test.network.home.pds
    expect(await answer.json()).toEqual({
      kind: 'active',
      did: alice.did,
      handle: alice.handle,
      displayName: 'Alice',
      avatar: `${origin}/xrpc/com.atproto.sync.getBlob?${new URLSearchParams({ did: alice.did, cid })}`,
      isComplete: true,
    })
    expect(answer.headers.get('cache-control')).toBe('private, no-store')
    const [asked] = test.network.sent(GET_RECORD)
    expect(asked?.target).toContain(new URLSearchParams({ repo: alice.did }).toString())
    expect([asked?.headers.authorization, asked?.headers.dpop, asked?.headers.cookie]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  it('asks the servers once for many requests', async () => {
    await using test = await start()
    await test.visitor.signIn(alice)
    await Promise.all(Array.from({ length: 5 }, () => test.visitor.get('/oauth/session?profile=1', script)))
    expect(test.network.sent(GET_RECORD)).toHaveLength(1)
  })

  it('answers without the fields when the PDS is down, and says that they are not complete', async () => {
    await using test = await start()
    await test.visitor.signIn(alice)
    test.network.home.pds.answer(GET_RECORD, { status: 503, json: {} })
    const answer = await test.visitor.get('/oauth/session?profile=1', script)
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { kind: 'active', did: alice.did, handle: alice.handle, isComplete: false },
    ])
  })

  it('does not wait for a PDS that holds its answer', async () => {
    await using test = await start()
    await test.visitor.signIn(alice)
    const { promise, resolve } = Promise.withResolvers<void>()
    test.network.home.pds.answer(GET_RECORD, async () => {
      await promise
      return { json: { value: {} } }
    })
    const answer = await test.visitor.get('/oauth/session?profile=1', script)
    expect(await answer.json()).toMatchObject({ kind: 'active', did: alice.did, isComplete: false })
    resolve()
  })

  it('asks no server for a visitor who is not signed in', async () => {
    await using test = await start()
    const asked = test.network.requests.length
    const answer = await test.visitor.get(`/oauth/session?profile=1&did=${alice.did}`, script)
    expect(await answer.json()).toEqual({ kind: 'none' })
    expect(test.network.requests).toHaveLength(asked)
  })

  it('ignores a DID in the request: the profile is that of the cookie’s account', async () => {
    await using test = await start()
    await test.visitor.signIn(alice)
    const answer = await test.visitor.get(`/oauth/session?profile=1&did=${bob.did}`, script)
    expect(await answer.json()).toMatchObject({ did: alice.did, handle: alice.handle })
    expect(test.network.sent(GET_RECORD).map(({ target }) => target)).toEqual([
      expect.not.stringContaining(encodeURIComponent(bob.did)),
    ])
  })

  it.each([
    ['a cookie of another store', (jar: Map<string, string>) => jar],
    [
      'a cookie that was changed',
      (jar: Map<string, string>) =>
        new Map([...jar].map(([name, value]) => [name, `${value.slice(0, -4)}AAAA`])),
    ],
  ])('asks no server for %s', async (_what, change) => {
    await using test = await start()
    await test.visitor.signIn(alice)
    const other = createNextApp(test.network, { store: createMemoryStore() }).visit(change(test.visitor.jar))
    const asked = test.network.requests.length
    expect(await (await other.get('/oauth/session?profile=1', script)).json()).toEqual({ kind: 'none' })
    expect(test.network.requests).toHaveLength(asked)
  })

  it.each([
    ['a page of another site', 403, foreignForm],
    ['a prefetch', 204, { ...script, 'sec-purpose': 'prefetch' }],
  ])('asks no server for %s', async (_who, status, headers) => {
    await using test = await start()
    await test.visitor.signIn(alice)
    const asked = test.network.requests.length
    expect((await test.visitor.get('/oauth/session?profile=1', { ...headers })).status).toBe(status)
    expect(test.network.requests).toHaveLength(asked)
  })
})

describe('auth.getProfile', () => {
  it('gives the profile of any account to the application’s own code', async () => {
    await using test = await start()
    expect(await test.app.auth.getProfile(bob.did)).toMatchObject({ handle: bob.handle, isComplete: true })
  })

  it('refuses what is no DID, without a request', async () => {
    await using test = await start()
    const asked = test.network.requests.length
    await expect(test.app.auth.getProfile('https://evil.dev')).rejects.toThrow(TypeError)
    expect(test.network.requests).toHaveLength(asked)
  })
})
