import { describe, expect, it } from 'vitest'
import { AtprotoAuthError } from '../../../lib/errors.ts'
import { resolveDid } from '../../../lib/identity/resolve-did.ts'
import { type Did, parseDid } from '../../../lib/identity/syntax.ts'
import type { GuardedFetch, GuardedRequest } from '../../../lib/net/guarded-fetch.ts'
import { ALICE, MALLORY } from '../../support/unit/names.ts'
import { createWorld, type Reply } from '../../support/unit/world.ts'

const PLC = 'https://plc.host.dev'
const WEB = parseDid('did:web:web.host.dev')
const notFound = { name: 'OAuthResolverError', code: 'identity_not_found' }
const unavailable = { name: 'OAuthResolverError', code: 'server_unavailable' }
const service = (changes: object = {}) => ({
  id: '#atproto_pds',
  type: 'AtprotoPersonalDataServer',
  serviceEndpoint: 'https://pds.host.dev',
  ...changes,
})
const document = (changes: object = {}) => ({
  '@context': ['https://www.w3.org/ns/did/v1'],
  id: ALICE,
  alsoKnownAs: ['at://alice.host.dev'],
  verificationMethod: [],
  service: [service()],
  ...changes,
})

async function resolve(reply: Reply, did: Did = ALICE, allowLoopback = false) {
  const url = did === WEB ? 'https://web.host.dev/.well-known/did.json' : `${PLC}/${did}`
  const { fetch } = await createWorld({ [url]: reply })
  return resolveDid(did, { fetch, plcDirectory: PLC, allowLoopback })
}

describe('resolveDid', () => {
  it('ID-7 asks the PLC directory for a did:plc', async () => {
    expect(await resolve({ body: document() })).toEqual({
      did: ALICE,
      claimedHandle: 'alice.host.dev',
      pds: 'https://pds.host.dev',
    })
  })

  it('ID-6 ID-7 asks the host itself for a did:web', async () => {
    expect(await resolve({ body: document({ id: WEB }) }, WEB)).toMatchObject({ did: WEB })
  })

  it.each([ALICE, WEB])(
    'asks for the document of %s by its type, and gives up when the caller does',
    async (did) => {
      const { signal } = new AbortController()
      const requests: GuardedRequest[] = []
      const fetch: GuardedFetch = async (_url, request) => {
        requests.push(request)
        return Response.json(document({ id: did }))
      }
      await resolveDid(did, { fetch, plcDirectory: PLC, allowLoopback: false }, { signal })
      expect(requests.map(({ signal }) => signal)).toEqual([signal])
      expect(requests[0]?.headers?.get('accept')).toContain('application/did+ld+json')
    },
  )

  it.each([ALICE, WEB])('names %s and the cause when its document cannot be fetched', async (did) => {
    const cause = new AtprotoAuthError('timeout', 'no answer')
    const deps = { fetch: () => Promise.reject(cause), plcDirectory: PLC, allowLoopback: false }
    await expect(resolveDid(did, deps)).rejects.toMatchObject({ did, cause })
  })

  it('reads application/did+ld+json', async () => {
    const headers = { 'content-type': 'application/did+ld+json' }
    expect(await resolve({ headers, body: document() })).toMatchObject({ did: ALICE })
  })

  it('ID-9 takes the service under its full id', async () => {
    const services = [service({ id: `${ALICE}#atproto_pds` })]
    expect(await resolve({ body: document({ service: services }) })).toMatchObject({
      pds: 'https://pds.host.dev',
    })
  })

  it('ID-9 I6 takes the first matching service and no later one', async () => {
    const services = [service(), service({ serviceEndpoint: 'https://second.host.dev' })]
    const { pds } = await resolve({ body: document({ service: services }) })
    expect(pds).toBe('https://pds.host.dev')
  })

  it('passes over services of other kinds', async () => {
    const services = [service({ id: '#atproto_labeler', type: 'AtprotoLabeler' }), service()]
    expect((await resolve({ body: document({ service: services }) })).pds).toBe('https://pds.host.dev')
  })

  it.each(['https://pds.host.dev/', 'https://pds.host.dev:8443'])(
    'I6 SF-1 takes the endpoint %s',
    async (url) => {
      const services = [service({ serviceEndpoint: url })]
      expect((await resolve({ body: document({ service: services }) })).pds).toBe(new URL(url).origin)
    },
  )

  it('takes a loopback PDS on a local network only', async () => {
    const body = document({ service: [service({ serviceEndpoint: 'http://localhost:2583' })] })
    expect((await resolve({ body }, ALICE, true)).pds).toBe('http://localhost:2583')
    await expect(resolve({ body }, ALICE)).rejects.toMatchObject(notFound)
  })

  const handles = [
    [['at://alice.host.dev', 'at://bob.host.dev'], 'alice.host.dev'],
    [['https://alice.host.dev', 'at://alice.host.dev'], 'alice.host.dev'],
    [['at://not valid', 'at://alice.host.dev'], 'alice.host.dev'],
    [['at://Alice.Host.DEV'], 'alice.host.dev'],
    [['AT://alice.host.dev'], undefined],
    [['alice.host.dev'], undefined],
    [['at://alice.host.dev/path'], undefined],
    [['at://@alice.host.dev'], undefined],
    [[], undefined],
    [undefined, undefined],
  ] as const
  it.each(handles)('ID-8 reads the handle of %j as %s', async (alsoKnownAs, expected) => {
    expect((await resolve({ body: document({ alsoKnownAs }) })).claimedHandle).toBe(expected)
  })
})

describe('resolveDid refuses a document', () => {
  const endpoint = (serviceEndpoint: unknown) => document({ service: [service({ serviceEndpoint })] })
  const malformed = {
    'of another account': document({ id: MALLORY }),
    'whose id differs in case': document({ id: ALICE.toUpperCase() }),
    'with handles that are no texts': document({ alsoKnownAs: [7] }),
    'with handles that are no list': document({ alsoKnownAs: 'at://alice.host.dev' }),
    'without services': document({ service: undefined }),
    'with no service': document({ service: [] }),
    'with services that are no list': document({ service: service() }),
    'with a service of another type': document({ service: [service({ type: 'AtprotoLabeler' })] }),
    'with a service under another id': document({ service: [service({ id: '#pds' })] }),
    'with a service of another DID': document({ service: [service({ id: `${MALLORY}#atproto_pds` })] }),
    'with a service without endpoint': endpoint(undefined),
    'with an endpoint that is an object': endpoint({ uri: 'https://pds.host.dev' }),
    'with an endpoint that is a list': endpoint(['https://pds.host.dev']),
    'with an http endpoint': endpoint('http://pds.host.dev'),
    'with an ftp endpoint': endpoint('ftp://pds.host.dev'),
    'with a javascript endpoint': endpoint('javascript:alert(1)'),
    'with a path in the endpoint': endpoint('https://pds.host.dev/path'),
    'with a query in the endpoint': endpoint('https://pds.host.dev?x'),
    'with a fragment in the endpoint': endpoint('https://pds.host.dev#x'),
    'with credentials in the endpoint': endpoint('https://user:pw@pds.host.dev'),
    'with an endpoint on this machine': endpoint('https://localhost'),
    'with an endpoint in the private network': endpoint('https://10.0.0.1'),
    'with an endpoint at the metadata service': endpoint('https://169.254.169.254'),
    'with an endpoint on a database port': endpoint('https://pds.host.dev:6379'),
    'with an endpoint in upper case': endpoint('HTTPS://PDS.HOST.DEV'),
    'with a line break in the endpoint': endpoint('https://pds.host.dev\n'),
  }
  it.each(Object.entries(malformed))('I6 ID-7 ID-9 %s', async (_what, body) => {
    await expect(
      resolve({ body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    ).rejects.toMatchObject({ ...notFound, name: 'OAuthResolverError', did: ALICE })
  })

  const noDocument = {
    'that is labelled as HTML': {
      body: JSON.stringify(document()),
      headers: { 'content-type': 'text/html' },
    },
    'that is a page': { body: '<html>', headers: { 'content-type': 'text/html' } },
    'that is malformed JSON': { body: '{', headers: { 'content-type': 'application/json' } },
    'without an id': { body: document({ id: undefined }) },
    'that is an error in JSON': { body: { error: 'InternalServerError', message: 'try later' } },
    'that is null': { body: 'null', headers: { 'content-type': 'application/json' } },
    'that is a list': { body: [document()] },
  }
  it.each(Object.entries(noDocument))('I6 %s: a directory that works sends none', async (_what, reply) => {
    await expect(resolve(reply)).rejects.toMatchObject(unavailable)
  })

  it.each(Object.entries(noDocument))('I6 of a did:web %s: its host has none', async (_what, reply) => {
    await expect(resolve(reply, WEB)).rejects.toMatchObject(notFound)
  })

  it('I6 SF-3 that is larger than 64 KiB', async () => {
    const body = document({ padding: 'x'.repeat(70_000) })
    await expect(resolve({ body })).rejects.toMatchObject(unavailable)
    await expect(resolve({ body }, WEB)).rejects.toMatchObject(notFound)
  })
})

describe('resolveDid when there is no document', () => {
  it.each([404, 410])('finds nobody when the directory says %d', async (status) => {
    await expect(resolve({ status })).rejects.toMatchObject({ ...notFound, status })
  })

  it.each([404, 410])('calls the directory unavailable when %d comes with a page', async (status) => {
    const page = { status, body: '<h1>No such app', headers: { 'content-type': 'text/html; charset=utf-8' } }
    await expect(resolve(page)).rejects.toMatchObject({ ...unavailable, status })
    await expect(resolve(page, WEB)).rejects.toMatchObject({ ...notFound, status })
  })

  it.each([301, 302, 303, 307, 308, 429, 500, 503])(
    'SF-2 N6 calls the directory unavailable when it says %d',
    async (status) => {
      await expect(resolve({ status })).rejects.toMatchObject({ code: 'server_unavailable', status })
    },
  )

  it.each([301, 302, 303, 307, 308, 400, 404, 410])(
    'SF-2 N6 finds nobody when the host of a did:web says %d',
    async (status) => {
      await expect(resolve({ status }, WEB)).rejects.toMatchObject(notFound)
    },
  )

  it.each([401, 403, 429, 451, 500, 503])(
    'calls a did:web host that says %d unavailable: its account has not moved',
    async (status) => {
      await expect(resolve({ status }, WEB)).rejects.toMatchObject({ ...unavailable, status })
    },
  )

  it.each(['ENOTFOUND', 'EAI_AGAIN', 'blocked', 'TLS', 'closed'] as const)(
    'N10 says the same of a did:web host that gives no answer (%s): no port scanner',
    async (failure) => {
      await expect(resolve({ failure }, WEB)).rejects.toMatchObject({
        ...unavailable,
        message: `The DID document of ${WEB} could not be fetched.`,
        status: undefined,
        endpoint: undefined,
      })
    },
  )

  it('calls a directory that is down unavailable', async () => {
    const { fetch } = await createWorld({})
    const deps = { fetch, plcDirectory: PLC, allowLoopback: false }
    await expect(resolveDid(ALICE, deps)).rejects.toMatchObject({ code: 'server_unavailable' })
  })
})
