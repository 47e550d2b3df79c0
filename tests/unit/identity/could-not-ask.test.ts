/** A handle has no account only if DNS and its host both say so: what each of them may say, and what follows. */
import { describe, expect, it } from 'vitest'
import { describeError } from '../../../lib/error-reason.ts'
import { AtprotoAuthError } from '../../../lib/errors.ts'
import { createIdentityCaches } from '../../../lib/identity/identity-caches.ts'
import { resolveIdentity } from '../../../lib/identity/resolve-account.ts'
import { resolveHandle } from '../../../lib/identity/resolve-handle.ts'
import { createResolveTxt } from '../../../lib/net/dns.ts'
import type { GuardedFetch } from '../../../lib/net/guarded-fetch.ts'
import { createPlatformFetch } from '../../../lib/net/platform-fetch.ts'
import { closedNameServer, dnsAnswer, startNameServer } from '../../support/unit/name-server.ts'
import { ALICE, handle, MALLORY } from '../../support/unit/names.ts'
import { createWorld, type Reply, type World } from '../../support/unit/world.ts'

const alice = handle('alice.host.dev')
const FILE = 'https://alice.host.dev/.well-known/atproto-did'
const RESOLVER = 'https://resolver.host.dev'
const XRPC = `${RESOLVER}/xrpc/com.atproto.identity.resolveHandle?handle=alice.host.dev`
const notFound = { code: 'identity_not_found', retryable: false }
const unavailable = {
  name: 'OAuthResolverError',
  code: 'server_unavailable',
  retryable: true,
  message: 'The handle alice.host.dev could not be looked up.',
}

/** Name servers: the outcome, and how to get one that gives it. */
const says = (status: number, ...records: readonly (readonly string[])[]) =>
  startNameServer((question) => dnsAnswer(question, status, ...records))
const dns = {
  'a DID': () => says(0, [`did=${ALICE}`]),
  'a record without a DID': () => says(0, ['did=nobody']),
  NODATA: () => says(0),
  NXDOMAIN: () => says(3),
  SERVFAIL: () => says(2),
  REFUSED: () => says(5),
  'no name server': closedNameServer,
}
type Txt = keyof typeof dns
const noRecord: readonly Txt[] = ['NODATA', 'NXDOMAIN', 'a record without a DID']
const noDns: readonly Txt[] = ['SERVFAIL', 'REFUSED', 'no name server']

const none: Readonly<Record<string, Reply>> = {
  '404': { status: 404 },
  '410': { status: 410 },
  '400': { status: 400 },
  'a page': { body: '<html>' },
  'a large page': { body: '<html>'.padEnd(10_000) },
  'a redirect without an address': { status: 302 },
  'a name that does not exist': { failure: 'ENOTFOUND' },
  'an address inside': { failure: 'blocked' },
}
const noAnswer: Readonly<Record<string, Reply>> = {
  ...Object.fromEntries(
    [401, 402, 403, 407, 408, 421, 425, 429, 451, 500, 502, 503, 504, 530].map((status) => [
      String(status),
      { status },
    ]),
  ),
  'a name that could not be looked up': { failure: 'EAI_AGAIN' },
  'a wrong certificate': { failure: 'TLS' },
  'a closed port': { failure: 'closed' },
  'a redirect to a name that does not exist': { status: 302, headers: { location: 'https://gone.dev/' } },
  'a redirect to an address inside': { status: 302, headers: { location: 'https://inside.dev/' } },
  'a redirect to a page that refuses': { status: 302, headers: { location: 'https://busy.dev/' } },
}
const targets: Readonly<Record<string, Reply>> = {
  'https://gone.dev/': { failure: 'ENOTFOUND' },
  'https://inside.dev/': { failure: 'blocked' },
  'https://busy.dev/': { status: 429 },
}

async function resolve(txt: Txt, file: Reply | undefined, fallback?: Reply) {
  const { fetch } = await createWorld({
    ...targets,
    ...(file && { [FILE]: file }),
    ...(fallback && { [XRPC]: fallback }),
  })
  const resolveTxt = createResolveTxt([await dns[txt]()])
  const fallbackResolver = fallback && RESOLVER
  return resolveHandle(alice, { fetch, resolveTxt, allowLoopback: false, fallbackResolver })
}

/** What a visitor can tell of a failure. */
async function visibleOf(attempt: Promise<unknown>): Promise<string> {
  const error: unknown = await attempt.catch((reason: unknown) => reason)
  const { name, code, message, status, endpoint } = error as AtprotoAuthError
  return JSON.stringify([name, code, message, status, endpoint])
}

const pairs = (txts: readonly Txt[], files: Readonly<Record<string, Reply>>) =>
  txts.flatMap((txt) => Object.entries(files).map(([name, file]) => [txt, name, file] as const))

describe('a handle', () => {
  it.each(pairs(['a DID'], { ...none, ...noAnswer, 'another DID': { body: MALLORY } }))(
    'ID-5 is that of %s, whatever the host answers: %s',
    async (txt, _name, file) => {
      expect(await resolve(txt, file)).toBe(ALICE)
    },
  )

  it.each([...noRecord, ...noDns])('N9 is that of the file when DNS gives %s', async (txt) => {
    expect(await resolve(txt, { body: MALLORY })).toBe(MALLORY)
  })

  it.each(pairs(noRecord, none))(
    'N9 has no account when DNS gives %s and the host %s',
    async (txt, _name, file) => {
      await expect(resolve(txt, file)).rejects.toMatchObject(notFound)
    },
  )

  it.each(pairs(noRecord, noAnswer))(
    'N9 could not be looked up when DNS gives %s and the host %s',
    async (txt, _name, file) => {
      await expect(resolve(txt, file)).rejects.toMatchObject(unavailable)
    },
  )

  it.each([...pairs(noDns, none), ...pairs(noDns, noAnswer)])(
    'N9 could not be looked up when DNS gives %s and the host %s',
    async (txt, _name, file) => {
      await expect(resolve(txt, file)).rejects.toMatchObject(unavailable)
    },
  )

  it('N10 that leads inside is told as one whose host does not exist: no look into our network', async () => {
    const attempts = [
      resolve('NXDOMAIN', { failure: 'blocked' }),
      resolve('NXDOMAIN', { failure: 'ENOTFOUND' }),
    ]
    expect(new Set(await Promise.all(attempts.map(visibleOf))).size).toBe(1)
  })

  it('N10 whose public host is closed, slow or without certificate is told the same: no port scanner', async () => {
    const slow: GuardedFetch = () => Promise.reject(new AtprotoAuthError('timeout', 'no answer in time'))
    const attempts = [
      resolve('NXDOMAIN', { failure: 'closed' }),
      resolve('NXDOMAIN', { failure: 'TLS' }),
      resolve('NXDOMAIN', undefined),
      resolve('NXDOMAIN', noAnswer['a redirect to an address inside']),
      resolve('NXDOMAIN', noAnswer['a redirect to a name that does not exist']),
      resolveHandle(alice, { fetch: slow, resolveTxt: async () => [], allowLoopback: false }),
    ]
    expect(new Set(await Promise.all(attempts.map(visibleOf))).size).toBe(1)
  })

  it('has the reason in its cause, for the log', async () => {
    const cause = { message: `${FILE} was answered with status 403.`, status: 403 }
    await expect(resolve('NODATA', { status: 403 })).rejects.toMatchObject({ cause })
    await expect(resolve('SERVFAIL', { status: 503 })).rejects.toMatchObject({
      cause: {
        message: `DNS gave no answer for _atproto.alice.host.dev. ${FILE} was answered with status 503.`,
        errors: [{ cause: { code: 'ESERVFAIL' } }, { status: 503 }],
      },
    })
  })

  it.each([
    [
      'a name that does not exist',
      'DNS names no account for it, and its host does not exist. (endpoint=https://alice.host.dev/.well-known/atproto-did cause=ENOTFOUND)',
    ],
    ['an address inside', 'DNS names no account for it, and its host has no public address.'],
    ['404', 'DNS names no account for it, and its host answered with status 404.'],
    ['a page', 'DNS names no account for it, and its host answered with something other than a DID.'],
    ['a large page', 'DNS names no account for it, and its host answered with something other than a DID.'],
    ['a redirect without an address', 'DNS names no account for it, and its host answered with status 302.'],
  ])('that has no account says in the log what both look-ups came to: %s', async (name, reason) => {
    const error: unknown = await resolve('NXDOMAIN', none[name]).catch((failure: unknown) => failure)
    expect(error).toMatchObject(notFound)
    expect(describeError(error)).toBe(
      `identity_not_found: The handle alice.host.dev does not resolve to an account. ${reason}`,
    )
  })

  it.each([
    ['ENOTFOUND', 'alice.host.dev', notFound],
    ['ENOTFOUND', 'proxy.host.dev', unavailable],
    ['EAI_AGAIN', 'alice.host.dev', unavailable],
    ['ECONNREFUSED', undefined, unavailable],
  ])('is told the same through the fetch of a platform: %s of %s', async (code, hostname, expected) => {
    const cause = Object.assign(new Error(`getaddrinfo ${code}`), { code, hostname })
    const failing = () => Promise.reject(new TypeError('fetch failed', { cause }))
    const fetch = createPlatformFetch(failing, { allowLoopback: false })
    const deps = { fetch, resolveTxt: async () => [], allowLoopback: false }
    await expect(resolveHandle(alice, deps)).rejects.toMatchObject(expected)
  })

  it('whose TXT name is longer than a DNS name can have none', async () => {
    const long = handle(`${'a.'.repeat(122)}host.dev`)
    const url = `https://${long}/.well-known/atproto-did`
    const { fetch } = await createWorld({ [url]: { status: 404 } })
    const resolveTxt = () => Promise.reject(new Error('the DNS was asked'))
    await expect(resolveHandle(long, { fetch, resolveTxt, allowLoopback: false })).rejects.toMatchObject(
      notFound,
    )
  })
})

describe('a look-up of the application', () => {
  const ask = async (reason: unknown) => {
    const { fetch } = await createWorld({ [FILE]: { status: 404 } })
    return resolveHandle(alice, { fetch, resolveTxt: () => Promise.reject(reason), allowLoopback: false })
  }
  const withCode = (code: string) => Object.assign(new Error(code), { code })

  it.each(['ENODATA', 'ENOTFOUND'])('says no with the code %s, as that of Node.js', async (code) => {
    await expect(ask(withCode(code))).rejects.toMatchObject(notFound)
  })

  it.each([withCode('ESERVFAIL'), withCode('ETIMEOUT'), withCode('anything'), new Error('bug'), 'down'])(
    'could not ask when it rejects with %o',
    async (reason) => {
      await expect(ask(reason)).rejects.toMatchObject(unavailable)
    },
  )
})

describe('a fallback resolver', () => {
  const knows: Reply = { body: { did: ALICE } }
  const knowsNot: Reply = { status: 400, body: { error: 'InvalidRequest' } }

  it.each([
    ['NODATA', { status: 404 }],
    ['NODATA', { status: 403 }],
    ['SERVFAIL', { status: 404 }],
    ['REFUSED', { failure: 'closed' }],
  ] as const)('decides when DNS gives %s and the host %o', async (txt, file) => {
    expect(await resolve(txt, file, knows)).toBe(ALICE)
  })

  it('that names nobody confirms a definite no', async () => {
    await expect(resolve('NXDOMAIN', { status: 404 }, knowsNot)).rejects.toMatchObject(notFound)
  })

  it('that names nobody does not make one of what could not be asked: it may have met the same trouble', async () => {
    await expect(resolve('NXDOMAIN', { status: 503 }, knowsNot)).rejects.toMatchObject(unavailable)
  })

  it('that is down leaves the question open even after a definite no', async () => {
    const answer = resolve('NXDOMAIN', { status: 404 }, { status: 503 })
    await expect(answer).rejects.toMatchObject({ code: 'server_unavailable', retryable: true })
  })
})

describe('a trouble that ends', () => {
  const PLC = 'https://plc.host.dev'
  const document = {
    id: ALICE,
    alsoKnownAs: ['at://alice.host.dev'],
    service: [{ id: '#atproto_pds', type: 'AtprotoPersonalDataServer', serviceEndpoint: 'https://pds.dev' }],
  }
  const setUp = async (sites: Record<string, Reply>) => {
    const world: World = await createWorld(sites)
    const resolveTxt = async () => []
    const caches = createIdentityCaches()
    return { fetch: world.fetch, resolveTxt, plcDirectory: PLC, allowLoopback: false, caches }
  }

  it('N9 is not remembered: the next look-up finds the account', async () => {
    const sites: Record<string, Reply> = { [FILE]: { status: 503 } }
    const deps = await setUp(sites)
    await expect(resolveHandle(alice, deps)).rejects.toMatchObject(unavailable)
    sites[FILE] = { body: ALICE }
    expect(await resolveHandle(alice, deps)).toBe(ALICE)
  })

  it('ID-8 is no "no handle": the identity of a DID cannot be had, and then has its handle', async () => {
    const sites: Record<string, Reply> = { [`${PLC}/${ALICE}`]: { body: document }, [FILE]: { status: 403 } }
    const deps = await setUp(sites)
    await expect(resolveIdentity(ALICE, deps)).rejects.toMatchObject(unavailable)
    sites[FILE] = { body: ALICE }
    expect(await resolveIdentity(ALICE, deps)).toMatchObject({ did: ALICE, handle: alice })
  })

  it('does not replace what is known', async () => {
    const sites: Record<string, Reply> = { [FILE]: { body: ALICE } }
    const deps = await setUp(sites)
    expect(await resolveHandle(alice, deps)).toBe(ALICE)
    sites[FILE] = { status: 503 }
    await expect(resolveHandle(alice, deps, { fresh: true })).rejects.toMatchObject(unavailable)
    expect(await resolveHandle(alice, deps)).toBe(ALICE)
  })
})
