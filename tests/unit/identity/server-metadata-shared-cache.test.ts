import { describe, expect, it } from 'vitest'
import type { LookupOptions } from '../../../lib/identity/cache.ts'
import { type DiscoveryDeps, discoverServer } from '../../../lib/identity/discover-server.ts'
import { createIdentityCaches } from '../../../lib/identity/identity-caches.ts'
import { refusalOf } from '../../support/refusal.ts'
import { createTestSharedCache } from '../../support/unit/shared-cache.ts'
import { createWorld, type Reply } from '../../support/unit/world.ts'

const PDS = 'https://pds.host.dev'
const AS = 'https://as.host.dev'
const RESOURCE = `${PDS}/.well-known/oauth-protected-resource`
const SERVER = `${AS}/.well-known/oauth-authorization-server`
const metadata = (changes: object = {}) => ({
  issuer: AS,
  authorization_endpoint: `${AS}/authorize`,
  token_endpoint: `${AS}/token`,
  pushed_authorization_request_endpoint: `${AS}/par`,
  client_id_metadata_document_supported: true,
  authorization_response_iss_parameter_supported: true,
  ...changes,
})

/** A process on a sharedCache, with a memory of its own. */
async function setUp(changes: { readonly resource?: Reply; readonly server?: Reply } = {}) {
  const sharedCache = createTestSharedCache()
  const start = async (sites: Readonly<Record<string, Reply>>) => {
    const { fetch, asked } = await createWorld(sites)
    const deps = { fetch, sharedCache, allowLoopback: false }
    const discover = (changes: Partial<DiscoveryDeps> = {}, options: LookupOptions = {}) =>
      discoverServer(PDS, 'none', { ...deps, caches: createIdentityCaches(), ...changes }, options)
    return { discover, asked }
  }
  const sites = {
    [RESOURCE]: changes.resource ?? { body: { resource: PDS, authorization_servers: [AS] } },
    [SERVER]: changes.server ?? { body: metadata() },
  }
  return { sharedCache, first: await start(sites), second: await start(sites) }
}

describe('metadata that another process found', () => {
  it('ID-10 saves both requests', async () => {
    const { first, second } = await setUp()
    await first.discover()
    expect(await second.discover()).toMatchObject({ tokenEndpoint: `${AS}/token` })
    expect([first.asked, second.asked]).toEqual([[RESOURCE, SERVER], []])
  })

  it('ID-10 is not looked at where a fresh answer is wanted, which then takes its place', async () => {
    const { sharedCache, first, second } = await setUp()
    await first.discover()
    sharedCache.reads.length = 0
    await second.discover({}, { fresh: true })
    expect([second.asked, sharedCache.reads, sharedCache.writes.length]).toEqual([[RESOURCE, SERVER], [], 4])
  })

  it('is not for a client of another network', async () => {
    const { first, second } = await setUp()
    await first.discover()
    await second.discover({ allowLoopback: true })
    expect(second.asked).toEqual([RESOURCE, SERVER])
  })

  it('serves without a memory too', async () => {
    const { first, second } = await setUp()
    await first.discover({ caches: undefined })
    await second.discover({ caches: undefined })
    expect(second.asked).toEqual([])
  })

  const damages: readonly (readonly [string, unknown])[] = [
    ['a text', 'x'],
    ['null', null],
    ['another shape', { version: 9 }],
    ['another resource', { resource: 'https://evil.dev', authorization_servers: ['https://evil.dev'] }],
    ['an issuer on this machine', { resource: PDS, authorization_servers: ['https://localhost'] }],
    ['another issuer', metadata({ issuer: 'https://evil.dev' })],
    ['an endpoint inside', metadata({ token_endpoint: 'https://169.254.169.254/token' })],
    ['what the profile refuses', metadata({ code_challenge_methods_supported: ['plain'] })],
  ]
  it.each(damages)('is passed over, and asked for, when the row holds %s', async (_what, row) => {
    const { sharedCache, first, second } = await setUp()
    await first.discover()
    for (const key of sharedCache.rows.keys()) sharedCache.rows.set(key, row)
    expect(await second.discover()).toMatchObject({ tokenEndpoint: `${AS}/token` })
    expect(second.asked).toEqual([RESOURCE, SERVER])
  })

  it('is never what the profile refuses', async () => {
    const { sharedCache, first } = await setUp({ server: { body: metadata({ issuer: 'https://evil.dev' }) } })
    expect(await refusalOf(first.discover())).toMatchObject({ code: 'server_not_conforming' })
    expect(sharedCache.writes).toEqual([expect.stringContaining('oauth-protected-resource')])
  })

  it('is judged by each client for itself', async () => {
    const server = { body: metadata({ token_endpoint_auth_methods_supported: ['none'] }) }
    const { sharedCache, first, second } = await setUp({ server })
    await first.discover()
    const deps = { fetch: () => Promise.reject(new Error('no request')), sharedCache, allowLoopback: false }
    const refusal = await refusalOf(discoverServer(PDS, 'private_key_jwt', deps))
    expect(refusal).toMatchObject({ code: 'server_not_conforming' })
    expect(second.asked).toEqual([])
  })
})
