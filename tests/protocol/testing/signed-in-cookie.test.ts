/** A cookie without a sign-in: the application takes it for one of its own, and strangers' addresses are refused. */
import 'next/dist/server/node-environment-baseline.js'

import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { generatePrivateJwk } from '../../../lib/crypto/keyset.ts'
import { createAtprotoAuth } from '../../../lib/next/auth.ts'
import type { AtprotoAuthOptions } from '../../../lib/next/config/options.ts'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { createSqliteStore } from '../../../lib/store/sqlite.ts'
import { createTestNetwork, signedInCookie, testDid } from '../../../lib/testing/index.ts'
import { runNextRequest } from '../../support/next-request.ts'

const alice = testDid('alice.test')
const bob = testDid('bob.test')
const POST = 'app.bsky.feed.post'
const publicUrl = 'http://127.0.0.1:3000'
const secret = 'Zk4vTq9-mXc2_bRw7.LpYd8~HsJ3+fGn6'
const scope = `atproto repo:${POST}`

/** The session that the application finds in a request with that cookie. */
function sessionOf(options: AtprotoAuthOptions, cookie: string) {
  const auth = createAtprotoAuth({ logger: { warn() {}, error() {} }, ...options })
  const request = { phase: 'render', headers: { cookie } } as const
  return runNextRequest(request, () => auth.getSession()).then(({ result }) => result)
}

describe('a signed-in cookie', () => {
  it('is one of the application, and its session calls the network', async () => {
    await using network = await createTestNetwork()
    const { localNetwork } = network
    const options = { publicUrl, secret, scope, store: createMemoryStore() }
    const { header, cookie } = await signedInCookie({ ...options, did: alice, network })
    const session = await sessionOf({ ...options, localNetwork }, header)
    expect(session?.did).toBe(alice)
    expect(session?.scope).toBe(scope)
    const body = { repo: alice, collection: POST, record: { text: 'Hello' } }
    await session?.post('com.atproto.repo.createRecord', { body })
    expect(await network.records('alice.test', POST)).toHaveLength(1)
    await network.expireTokens('alice.test')
    expect((await session?.get('com.atproto.server.getSession'))?.data).toMatchObject({ did: alice })
    expect(header).toBe(`${cookie.name}=${cookie.value}`)
    expect(cookie).toMatchObject({
      name: 'atproto-session-3000',
      domain: '127.0.0.1',
      path: '/',
      httpOnly: true,
      secure: false,
      sameSite: 'Lax',
    })
  })

  it('shows who is signed in without any network', async () => {
    const options = { publicUrl, secret, scope, store: createMemoryStore() }
    const { header } = await signedInCookie({ ...options, did: alice })
    expect((await sessionOf(options, header))?.did).toBe(alice)
  })

  it('is a browser of its own each time', async () => {
    const options = { publicUrl, secret, scope, store: createMemoryStore() }
    const first = await signedInCookie({ ...options, did: alice })
    const second = await signedInCookie({ ...options, did: bob })
    expect((await sessionOf(options, first.header))?.did).toBe(alice)
    expect((await sessionOf(options, second.header))?.did).toBe(bob)
  })

  it('has what a sign-in is granted where that is less', async () => {
    const options = { publicUrl, secret, scope, signInScope: 'atproto', store: createMemoryStore() }
    const { header } = await signedInCookie({ ...options, did: alice })
    expect((await sessionOf(options, header))?.scope).toBe('atproto')
  })

  it('uses the file and the secret in the data directory of the application', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'atproto-testing-'))
    const dataDirectory = join(folder.path, 'data')
    const before = process.env.ATPROTO_DATA_DIR
    process.env.ATPROTO_DATA_DIR = dataDirectory
    try {
      const { header } = await signedInCookie({ publicUrl, scope, did: alice, dataDirectory })
      const store = createSqliteStore({ path: join(dataDirectory, 'sessions.sqlite') })
      expect((await sessionOf({ publicUrl, scope, store }, header))?.did).toBe(alice)
      await store.close()
    } finally {
      if (before === undefined) delete process.env.ATPROTO_DATA_DIR
      else process.env.ATPROTO_DATA_DIR = before
    }
  })

  it('works for a confidential client under a private name', async () => {
    const keys = { ...(await generatePrivateJwk()), kid: 'a' }
    const { d: _, ...publicJwk } = keys
    await using network = await createTestNetwork({ jwks: { keys: [publicJwk] } })
    const { localNetwork } = network
    const application = { publicUrl: 'https://app.demo.internal', clientKeys: keys, secret, scope }
    const options = { ...application, store: createMemoryStore() }
    const { header, cookie } = await signedInCookie({ ...options, did: alice, network })
    expect(cookie).toMatchObject({ name: '__Host-atproto-session', secure: true })
    const session = await sessionOf({ ...options, localNetwork }, header)
    await network.expireTokens('alice.test')
    expect((await session?.get('com.atproto.server.getSession'))?.data).toMatchObject({ did: alice })
  })
})

describe('a cookie without a sign-in is refused', () => {
  const options = { secret, scope, did: alice, store: createMemoryStore() }
  it.each([
    'https://app.example.com',
    'https://internal.evil.dev',
    'https://internal',
    'https://app.test',
    'https://127.0.0.1',
    'https://127.0.0.1.evil.dev',
    'https://app.internal.',
    'https://evil.dev/.internal',
  ])('for %s, which others may reach', (address) =>
    expect(signedInCookie({ ...options, publicUrl: address })).rejects.toThrow(
      `Sessions without a sign-in are for tests on this machine, but publicUrl is ${address}.`,
    ),
  )

  it('for http under a name that is not this machine', () =>
    expect(signedInCookie({ ...options, publicUrl: 'http://app.internal' })).rejects.toThrow(
      'PUBLIC_URL must be https',
    ))

  it('for localhost, where no sign-in works', () =>
    expect(signedInCookie({ ...options, publicUrl: 'http://localhost:3000' })).rejects.toThrow(
      'loopback sign-in needs http://127.0.0.1',
    ))

  it('for something that is no DID', () =>
    expect(signedInCookie({ ...options, publicUrl, did: 'alice.test' })).rejects.toThrow(
      /A DID was expected/,
    ))

  it('for an account that the network does not have', async () => {
    await using network = await createTestNetwork({ accounts: ['bob.test'] })
    await expect(signedInCookie({ ...options, publicUrl, network })).rejects.toThrow(/has no account/)
  })

  it('by an application with another secret or scope', async () => {
    const store = createMemoryStore()
    const { header } = await signedInCookie({ ...options, publicUrl, store })
    const other = { publicUrl, store, scope, secret: secret.toUpperCase() }
    expect(await sessionOf(other, header)).toBeNull()
    expect(await sessionOf({ publicUrl, store, secret, scope: 'atproto' }, header)).toBeNull()
  })

  it.each(['http://127.0.0.1:3000', 'https://app.internal', 'https://app.example.com.internal'])(
    'by a public application whose secret and store were used under %s instead',
    async (address) => {
      const store = createMemoryStore()
      const clientKeys = { ...(await generatePrivateJwk()), kid: 'a' }
      const { cookie } = await signedInCookie({ ...options, publicUrl: address, store, clientKeys })
      const application = { publicUrl: 'https://app.example.com', store, scope, secret, clientKeys }
      expect(await sessionOf(application, `__Host-atproto-session=${cookie.value}`)).toBeNull()
    },
  )
})
