import { describe, expect, it } from 'vitest'
import { discoverServerAt } from '../../../lib/identity/discover-by-address.ts'
import { createWorld, type Failure, type Reply } from '../../support/unit/world.ts'

const PDS = 'https://pds.host.dev'
const AS = 'https://as.host.dev'
const RESOURCE = '/.well-known/oauth-protected-resource'
const SERVER = '/.well-known/oauth-authorization-server'
const resource: Reply = { body: { resource: PDS, authorization_servers: [AS] } }
const metadata = (issuer: string, changes: object = {}): Reply => ({
  body: {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    pushed_authorization_request_endpoint: `${issuer}/par`,
    client_id_metadata_document_supported: true,
    authorization_response_iss_parameter_supported: true,
    ...changes,
  },
})

async function discover(origin: string, sites: Readonly<Record<string, Reply>>) {
  const world = await createWorld(sites)
  const server = discoverServerAt(origin, 'none', { fetch: world.fetch, allowLoopback: false })
  return { asked: world.asked, server }
}

describe('discoverServerAt', () => {
  it('ID-12 finds the authorization server of a PDS', async () => {
    const { server } = await discover(PDS, { [PDS + RESOURCE]: resource, [AS + SERVER]: metadata(AS) })
    expect(await server).toMatchObject({ issuer: AS, parEndpoint: `${AS}/par` })
  })

  it('ID-12 asks as a PDS first, then as the authorization server itself', async () => {
    const { server, asked } = await discover(AS, {
      [AS + RESOURCE]: { status: 404 },
      [AS + SERVER]: metadata(AS, { protected_resources: [PDS] }),
    })
    expect(await server).toMatchObject({ issuer: AS })
    expect(asked).toEqual([AS + RESOURCE, AS + SERVER])
  })

  const noPds = { [AS + RESOURCE]: { status: 404 } }
  it.each([
    ['neither', { ...noPds, [AS + SERVER]: { status: 404 } }],
    ['an issuer of another name', { ...noPds, [AS + SERVER]: metadata('https://evil.dev') }],
    [
      'a server without PAR',
      { ...noPds, [AS + SERVER]: metadata(AS, { pushed_authorization_request_endpoint: undefined }) },
    ],
    ['a page', { [AS + RESOURCE]: { body: '<html>' }, [AS + SERVER]: { body: '<html>' } }],
    ['a redirect', { ...noPds, [AS + SERVER]: { status: 302, headers: { location: PDS + SERVER } } }],
  ] as const)('finds nothing at a host with %s', async (_what, sites) => {
    const { server } = await discover(AS, sites)
    await expect(server).rejects.toMatchObject({
      code: 'identity_not_found',
      message: `No PDS or authorization server was found at ${AS}.`,
    })
  })

  const failed = (failure: Failure) => ({ [AS + RESOURCE]: { failure }, [AS + SERVER]: { failure } })
  it.each([
    ['that does not exist', failed('ENOTFOUND')],
    ['that cannot be looked up', failed('EAI_AGAIN')],
    ['that leads inside', failed('blocked')],
    ['that has a wrong certificate', failed('TLS')],
    ['whose port is closed', failed('closed')],
    ['that is down', {}],
    ['that has trouble of its own', { [AS + RESOURCE]: { status: 503 }, [AS + SERVER]: { status: 503 } }],
    ['that refuses us', { [AS + RESOURCE]: { status: 403 }, [AS + SERVER]: { status: 403 } }],
    ['that may be a PDS', { [AS + RESOURCE]: { status: 503 }, [AS + SERVER]: { status: 404 } }],
    ['that may be an authorization server', { ...noPds, [AS + SERVER]: { status: 429 } }],
  ] as const)('N10 says the same of a host %s: no port scanner', async (_what, sites) => {
    const { server } = await discover(AS, sites)
    await expect(server).rejects.toMatchObject({
      code: 'server_unavailable',
      retryable: true,
      message: `${AS} could not be asked.`,
      status: undefined,
    })
  })

  const inside = [
    ...[
      'https://10.0.0.1',
      'https://127.0.0.1:8443',
      'https://169.254.169.254',
      'https://[::1]',
      'https://localhost',
    ],
    ...[
      'http://pds.host.dev',
      'https://pds.internal',
      'https://intranet',
      'https://pds.host.dev:22',
      'https://pds.host.dev.',
    ],
  ]
  it.each(inside)('N1 refuses %s by its text and asks nobody', async (origin) => {
    const { server, asked } = await discover(origin, {})
    await expect(server).rejects.toMatchObject({ code: 'invalid_identifier' })
    expect(asked).toEqual([])
  })

  it('ends with the caller’s reason when the caller gives up', async () => {
    const reason = new Error('the caller left')
    const { fetch } = await createWorld({})
    const deps = { fetch, allowLoopback: false }
    await expect(discoverServerAt(AS, 'none', deps, { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    )
  })
})
