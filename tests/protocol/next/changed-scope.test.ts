/** In development a changed scope makes another client: its visitors are told so, and the old sessions are left alone. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { AtprotoAuthOptions } from '../../../lib/next/config/options.ts'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { lastingCookies } from '../../support/browser.ts'
import { createNextApp } from '../../support/protocol/next-app.ts'
import {
  alice,
  bob,
  type ScriptedNetwork,
  startScriptedNetwork,
} from '../../support/protocol/scripted-network.ts'
import { recordLog } from '../../support/record-log.ts'

const OLD = 'atproto'
const NEW = 'atproto repo:app.bsky.feed.post'
let folder: string

// The store of the environment is one for the process.
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'atproto-changed-scope-'))
  vi.stubEnv('NODE_ENV', 'development')
  vi.stubEnv('ATPROTO_DATA_DIR', folder)
})
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

/** The application as its `auth.ts` is with that scope, on the store of the environment. */
function appWith(network: ScriptedNetwork, scope: string, options: AtprotoAuthOptions = {}) {
  return createNextApp(network, { scope, store: undefined, ...options })
}

async function changeScope() {
  await using stack = new AsyncDisposableStack()
  const network = stack.use(await startScriptedNetwork({ hasRealClock: true }))
  const lines = recordLog()
  const old = appWith(network, OLD)
  const before = old.visit()
  await before.signIn(bob)
  await before.signIn(alice)
  const changed = appWith(network, NEW)
  const after = changed.visit(before.jar)
  const owned = stack.move()
  return { network, old, before, changed, after, lines, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

describe('a scope that was changed in development', () => {
  it('is the reason why the account has to sign in again', async () => {
    await using test = await changeScope()
    const status = await test.after.run((auth) => auth.getSessionStatus(), { phase: 'render' })
    expect(status).toEqual({ kind: 'reauth_required', did: alice.did, reason: 'scope_changed' })
    expect(await test.after.run((auth) => auth.getSession(), { phase: 'render' })).toBeNull()
    expect(await test.after.run((auth) => auth.listAccounts(), { phase: 'render' })).toEqual([
      { did: alice.did, isActive: true, status: 'reauth_required' },
      { did: bob.did, isActive: false, status: 'reauth_required' },
    ])
    expect(test.lines.filter((line) => String(line).includes('The scope changed to'))).toHaveLength(1)
  })

  it('is said on the plain sign-in page', async () => {
    await using test = await changeScope()
    expect(await (await test.after.get('/oauth/login')).text()).toContain(
      'The scope of this application has changed, so everybody has to sign in again.',
    )
  })

  it('leaves the old session alone: it is not used, refreshed, revoked or deleted by the new client', async () => {
    await using test = await changeScope()
    const kept = new Map(test.before.jar)
    const asked = test.network.requests.length
    await test.after.run((auth) => auth.getSessionStatus())
    await expect(test.after.run((auth) => auth.restore(alice.did))).rejects.toMatchObject({
      code: 'session_ended',
    })
    await test.after.post('/oauth/logout', { all: '1' })
    expect(test.network.requests).toHaveLength(asked)
    expect(lastingCookies(test.after.jar).size).toBe(0)
    // Back at the old scope, the old session goes on.
    const back = appWith(test.network, OLD).visit(kept)
    expect(await back.whoIsSignedIn()).toBe(alice.did)
  })

  it('is over with the next sign-in', async () => {
    await using test = await changeScope()
    await test.after.signIn(alice)
    expect(await test.after.run((auth) => auth.getSessionStatus(), { phase: 'render' })).toEqual({
      kind: 'active',
      did: alice.did,
    })
    expect(test.network.sent('/oauth/revoke')).toHaveLength(0)
  })

  it('is no reason for a cookie that names no session of this store', async () => {
    await using test = await changeScope()
    const { jar } = createNextApp(test.network, { scope: OLD }).visit()
    const elsewhere = createNextApp(test.network, { scope: OLD, store: createMemoryStore() }).visit(jar)
    await elsewhere.signIn(alice)
    const stranger = test.changed.visit(elsewhere.jar)
    expect(await stranger.run((auth) => auth.getSessionStatus(), { phase: 'render' })).toEqual({
      kind: 'none',
    })
  })

  it.each<[string, string, AtprotoAuthOptions]>([
    ['in production', 'production', {}],
    ['with a store of the application', 'development', { store: createMemoryStore() }],
  ])('is no reason %s', async (_where, mode, options) => {
    await using network = await startScriptedNetwork({ hasRealClock: true })
    vi.stubEnv('NODE_ENV', mode)
    recordLog()
    const before = appWith(network, OLD, options).visit()
    await before.signIn(alice)
    const after = appWith(network, NEW, options).visit(before.jar)
    expect(await after.run((auth) => auth.getSessionStatus(), { phase: 'render' })).toEqual({ kind: 'none' })
    vi.stubEnv('NODE_ENV', 'development')
  })
})
