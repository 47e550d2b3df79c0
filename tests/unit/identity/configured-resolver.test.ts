import { describe, expect, it } from 'vitest'
import type { LookupOptions } from '../../../lib/identity/cache.ts'
import type { HandleResolver } from '../../../lib/identity/configured-resolver.ts'
import { type HandleDeps, resolveHandle } from '../../../lib/identity/resolve-handle.ts'
import { ALICE, handle, MALLORY } from '../../support/unit/names.ts'
import { createWorld, type Reply } from '../../support/unit/world.ts'

const alice = handle('alice.host.dev')
const WELL_KNOWN = 'https://alice.host.dev/.well-known/atproto-did'
const RESOLVER = 'https://resolver.host.dev'
const XRPC = `${RESOLVER}/xrpc/com.atproto.identity.resolveHandle?handle=alice.host.dev`
const notFound = { code: 'identity_not_found' }
const unavailable = { code: 'server_unavailable' }

async function setUp(sites: Readonly<Record<string, Reply>>, changes: Partial<HandleDeps> = {}) {
  const world = await createWorld(sites)
  const deps = { fetch: world.fetch, resolveTxt: async () => [], allowLoopback: false, ...changes }
  return { world, resolve: (options?: LookupOptions) => resolveHandle(alice, deps, options) }
}

describe('resolveHandle by a resolver', () => {
  const ask = async (reply: Reply, resolver: string | URL = RESOLVER) => {
    const resolveTxt = () => Promise.reject(new Error('the DNS was asked'))
    return (await setUp({ [XRPC]: reply }, { resolveTxt, handleResolver: resolver })).resolve()
  }

  it.each([RESOLVER, new URL(RESOLVER)])('asks the resolver alone', async (resolver) => {
    expect(await ask({ body: { did: ALICE } }, resolver)).toBe(ALICE)
  })

  it('finds nobody when the resolver knows nobody', async () => {
    await expect(ask({ status: 400, body: { error: 'HandleNotFound' } })).rejects.toMatchObject(notFound)
  })

  it.each<readonly [string, Reply]>([
    ['a page', { status: 400, body: '<html>', headers: { 'content-type': 'text/html' } }],
    ['a text', { status: 400, body: 'The plain HTTP request was sent to HTTPS port' }],
    ['nothing', { status: 400, body: '' }],
    ['broken JSON', { status: 400, body: '{', headers: { 'content-type': 'application/json' } }],
    ['a limit', { status: 400, body: { error: 'RateLimitExceeded' } }],
    ['an outage behind it', { status: 400, body: { error: 'UpstreamFailure' } }],
    ['a timeout behind it', { status: 400, body: { error: 'UpstreamTimeout', message: 'x' } }],
    ['an error of its own', { status: 400, body: { error: 'InternalServerError' } }],
  ])('calls a resolver that answers 400 with %s unavailable', async (_what, reply) => {
    await expect(ask(reply)).rejects.toMatchObject({ ...unavailable, status: 400 })
  })

  it.each(['did:key:z', '', `${ALICE} `])('finds nobody when the answer is %j', async (did) => {
    await expect(ask({ body: { did } })).rejects.toMatchObject(notFound)
  })

  it.each([302, 403, 502])('calls a resolver that answers %d unavailable', async (status) => {
    await expect(ask({ status })).rejects.toMatchObject({ ...unavailable, status })
  })

  it('calls a resolver that answers with a page unavailable', async () => {
    await expect(ask({ body: '<html>' })).rejects.toMatchObject(unavailable)
  })
})

describe('resolveHandle by an object of the application', () => {
  const askObject = async (answer: HandleResolver['resolve'], signal?: AbortSignal) =>
    (await setUp({}, { handleResolver: { resolve: answer } })).resolve({ signal })

  it('hands over the handle and the signal, as @atproto-labs/handle-resolver does', async () => {
    const { signal } = new AbortController()
    const asked: unknown[] = []
    const did = await askObject(async (...args) => {
      asked.push(args)
      return ALICE
    }, signal)
    expect([did, asked]).toEqual([ALICE, [['alice.host.dev', { signal, noCache: false }]]])
  })

  it('asks it not to use its own cache when the answer must be fresh', async () => {
    const options: unknown[] = []
    const handleResolver: HandleResolver = {
      async resolve(_handle, given) {
        options.push(given)
        return ALICE
      },
    }
    await (await setUp({}, { handleResolver })).resolve({ fresh: true })
    expect(options).toEqual([{ noCache: true }])
  })

  it.each([null, undefined, 'did:key:z', 'alice.host.dev'])(
    'finds nobody when it answers %j',
    async (did) => {
      await expect(askObject(async () => did)).rejects.toMatchObject(notFound)
    },
  )

  it('calls one that throws unavailable, and keeps its reason', async () => {
    const cause = new Error('out of order')
    await expect(askObject(() => Promise.reject(cause))).rejects.toMatchObject({ ...unavailable, cause })
  })
})

describe('the fallback resolver', () => {
  const fallback = { fallbackResolver: RESOLVER }
  const known = { [XRPC]: { body: { did: ALICE } } }

  it.each([
    ['nothing', undefined],
    ['403', { status: 403 }],
    ['404', { status: 404 }],
    ['500', { status: 500 }],
    ['a page', { body: '<html>' }],
  ] as const)('is asked when the DNS has nothing and the host answers %s', async (_what, reply) => {
    const { resolve } = await setUp({ ...known, ...(reply && { [WELL_KNOWN]: reply }) }, fallback)
    expect(await resolve()).toBe(ALICE)
  })

  it('is not asked when the host knows', async () => {
    const { resolve, world } = await setUp({ ...known, [WELL_KNOWN]: { body: MALLORY } }, fallback)
    expect(await resolve()).toBe(MALLORY)
    expect(world.asked).toEqual([WELL_KNOWN])
  })

  it('ID-3 is not asked when the DNS names two accounts', async () => {
    const resolveTxt = async () => [`did=${ALICE}`, `did=${MALLORY}`]
    const { resolve, world } = await setUp(known, { ...fallback, resolveTxt })
    await expect(resolve()).rejects.toMatchObject(notFound)
    expect(world.asked).not.toContain(XRPC)
  })

  it('finds nobody when it knows nobody either', async () => {
    const sites = { [WELL_KNOWN]: { status: 404 }, [XRPC]: { status: 400, body: {} } }
    const { resolve } = await setUp(sites, fallback)
    await expect(resolve()).rejects.toMatchObject(notFound)
  })

  it('is called unavailable when it is down', async () => {
    await expect((await setUp({}, fallback)).resolve()).rejects.toMatchObject(unavailable)
  })
})

describe('reserved names', () => {
  it('ID-2 resolve under .test on a local network only', async () => {
    const resolveTest = async (allowLoopback: boolean) => {
      const url = XRPC.replace('alice.host.dev', 'alice.test')
      const { fetch } = await createWorld({ [url]: { body: { did: ALICE } } })
      const deps = { fetch, resolveTxt: async () => [], allowLoopback, handleResolver: RESOLVER }
      return resolveHandle(handle('alice.test'), deps)
    }
    expect(await resolveTest(true)).toBe(ALICE)
    await expect(resolveTest(false)).rejects.toMatchObject(notFound)
  })

  it.each(['laptop.local', 'alice.internal', 'alice.onion', 'alice.example'])(
    'ID-2 never resolve as %s, not even by a resolver on a local network',
    async (name) => {
      const { fetch, asked } = await createWorld({})
      const deps = { fetch, resolveTxt: async () => [], allowLoopback: true, handleResolver: RESOLVER }
      await expect(resolveHandle(handle(name), deps)).rejects.toMatchObject(notFound)
      expect(asked).toEqual([])
    },
  )
})
