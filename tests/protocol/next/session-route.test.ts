/** `GET /oauth/session`: what scripts of the application's own pages learn, and nobody else. */
import { describe, expect, it } from 'vitest'
import { StoreUnavailableError } from '../../../lib/errors.ts'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { createNextApp, foreignForm, navigation } from '../../support/protocol/next-app.ts'
import { alice, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { recordLog } from '../../support/record-log.ts'

const script = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }

async function startSignedIn() {
  await using stack = new AsyncDisposableStack()
  const network = stack.use(await startScriptedNetwork())
  const store = createMemoryStore({ now: network.now })
  const visitor = createNextApp(network, { store }).visit()
  await visitor.signIn(alice)
  const owned = stack.move()
  return { network, store, visitor, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

describe('the session route', () => {
  it('tells who is signed in, to no cache and with no request to a server', async () => {
    await using app = await startSignedIn()
    const asked = app.network.requests.length
    const answer = await app.visitor.get('/oauth/session', script)
    expect(await answer.json()).toEqual({ kind: 'active', did: alice.did })
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'cache-control': 'private, no-store',
      vary: 'Cookie',
      'content-type': 'application/json',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    })
    expect(answer.headers.getSetCookie()).toEqual([])
    expect(app.network.requests).toHaveLength(asked)
  })

  it('says none after the sign-out, and to a visitor who was never signed in', async () => {
    await using app = await startSignedIn()
    await app.visitor.post('/oauth/logout')
    expect(await (await app.visitor.get('/oauth/session', script)).json()).toEqual({ kind: 'none' })
    const stranger = createNextApp(app.network).visit()
    expect(await (await stranger.get('/oauth/session', script)).json()).toEqual({ kind: 'none' })
  })

  it('says why the account has to sign in again', async () => {
    await using app = await startSignedIn()
    app.network.home.as.answer('/oauth/token', { status: 400, json: { error: 'invalid_grant' } })
    app.network.advance(3_600_000)
    await app.visitor.run(async (auth) => {
      const session = await auth.getSession()
      await session?.refresh().catch(() => undefined)
    })
    expect(await (await app.visitor.get('/oauth/session', script)).json()).toEqual({
      kind: 'reauth_required',
      did: alice.did,
      reason: 'revoked',
    })
  })

  it.each([
    ['another site', foreignForm],
    ['another subdomain', { 'sec-fetch-site': 'same-site' }],
    ['another site, in a browser without Sec-Fetch-Site', { origin: 'https://evil.dev' }],
  ])('tells a page of %s nothing', async (_who, headers) => {
    await using app = await startSignedIn()
    const answer = await app.visitor.get('/oauth/session', { ...headers })
    expect(answer.status).toBe(403)
    expect(await answer.text()).not.toContain(alice.did)
    expect(answer.headers.has('access-control-allow-origin')).toBe(false)
  })

  it.each([
    ['a prefetch of the browser', { ...script, 'sec-purpose': 'prefetch' }],
    ['a prefetch of Next.js', { ...script, rsc: '1', 'next-router-prefetch': '1' }],
  ])('tells %s nothing', async (_what, headers) => {
    await using app = await startSignedIn()
    const answer = await app.visitor.get('/oauth/session', headers)
    expect([answer.status, await answer.text()]).toEqual([204, ''])
  })

  it('may be opened in the address bar', async () => {
    await using app = await startSignedIn()
    expect(await (await app.visitor.get('/oauth/session', navigation)).json()).toMatchObject({
      kind: 'active',
    })
  })

  it('accepts no POST', async () => {
    await using app = await startSignedIn()
    expect((await app.visitor.post('/oauth/session')).status).toBe(405)
  })

  it('says 503 and unknown while the store is down, and removes no cookie', async () => {
    await using app = await startSignedIn()
    app.store.get = () => Promise.reject(new StoreUnavailableError('down'))
    recordLog()
    const answer = await app.visitor.get('/oauth/session', script)
    expect([answer.status, await answer.json()]).toEqual([503, { kind: 'unknown' }])
    expect([answer.headers.get('retry-after'), answer.headers.getSetCookie()]).toEqual(['5', []])
  })
})
