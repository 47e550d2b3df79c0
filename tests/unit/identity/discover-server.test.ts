import { describe, expect, it } from 'vitest'
import { discoverServer } from '../../../lib/identity/discover-server.ts'
import { createWorld, type Reply } from '../../support/unit/world.ts'

const PDS = 'https://pds.host.dev'
const AS = 'https://as.host.dev'
const RESOURCE = `${PDS}/.well-known/oauth-protected-resource`
const SERVER = `${AS}/.well-known/oauth-authorization-server`
const resource = (changes: object = {}) => ({ resource: PDS, authorization_servers: [AS], ...changes })
const metadata = (changes: object = {}) => ({
  issuer: AS,
  authorization_endpoint: `${AS}/authorize`,
  token_endpoint: `${AS}/token`,
  pushed_authorization_request_endpoint: `${AS}/par`,
  revocation_endpoint: `${AS}/revoke`,
  client_id_metadata_document_supported: true,
  authorization_response_iss_parameter_supported: true,
  code_challenge_methods_supported: ['S256'],
  dpop_signing_alg_values_supported: ['ES256'],
  token_endpoint_auth_methods_supported: ['none', 'private_key_jwt'],
  token_endpoint_auth_signing_alg_values_supported: ['ES256'],
  protected_resources: [PDS],
  ...changes,
})

async function discover(
  pages: { readonly resource?: Reply; readonly server?: Reply },
  authMethod: 'none' | 'private_key_jwt' = 'private_key_jwt',
) {
  const { fetch } = await createWorld({
    [RESOURCE]: pages.resource ?? { body: resource() },
    [SERVER]: pages.server ?? { body: metadata() },
  })
  return discoverServer(PDS, authMethod, { fetch, allowLoopback: false })
}

describe('discoverServer', () => {
  it('gives issuer and endpoints', async () => {
    expect(await discover({})).toEqual({
      issuer: AS,
      authorizationEndpoint: `${AS}/authorize`,
      tokenEndpoint: `${AS}/token`,
      parEndpoint: `${AS}/par`,
      revocationEndpoint: `${AS}/revoke`,
    })
  })

  it('DS-5 N2 allows endpoints on another origin and keeps their query', async () => {
    const body = metadata({ token_endpoint: 'https://tokens.host.dev/t?tenant=1#x' })
    expect(await discover({ server: { body } })).toMatchObject({
      tokenEndpoint: 'https://tokens.host.dev/t?tenant=1',
    })
  })

  const omissions = [
    'revocation_endpoint',
    'code_challenge_methods_supported',
    'dpop_signing_alg_values_supported',
    'token_endpoint_auth_methods_supported',
    'token_endpoint_auth_signing_alg_values_supported',
    'protected_resources',
  ]
  it.each(omissions)('does without %s', async (field) => {
    for (const nothing of [undefined, null])
      await expect(discover({ server: { body: metadata({ [field]: nothing }) } })).resolves.toBeDefined()
  })

  it('passes over a list of more PDSes than are read', async () => {
    const others = Array.from({ length: 1_001 }, (_, index) => `https://pds${index}.dev`)
    await expect(
      discover({ server: { body: metadata({ protected_resources: others }) } }),
    ).resolves.toBeDefined()
  })

  it('L5 refuses an endpoint as long as the answer', async () => {
    const long = `${AS}/${'x'.repeat(50_000)}`
    await expect(discover({ server: { body: metadata({ token_endpoint: long }) } })).rejects.toMatchObject({
      code: 'server_not_conforming',
    })
  })

  it('does not ask a public client’s server for signing algorithms', async () => {
    const body = metadata({ token_endpoint_auth_signing_alg_values_supported: ['RS256'] })
    await expect(discover({ server: { body } }, 'none')).resolves.toBeDefined()
  })

  const wrong: readonly (readonly [string, unknown])[] = [
    ['issuer', undefined],
    ['issuer', 'https://evil.dev'],
    ['issuer', `${AS}/`],
    ['issuer', AS.toUpperCase()],
    ['issuer', [AS]],
    ['authorization_endpoint', undefined],
    ['token_endpoint', undefined],
    ['token_endpoint', 7],
    ['pushed_authorization_request_endpoint', undefined],
    ['client_id_metadata_document_supported', undefined],
    ['client_id_metadata_document_supported', false],
    ['client_id_metadata_document_supported', 'true'],
    ['authorization_response_iss_parameter_supported', undefined],
    ['authorization_response_iss_parameter_supported', false],
    ['code_challenge_methods_supported', ['plain']],
    ['code_challenge_methods_supported', []],
    ['dpop_signing_alg_values_supported', ['RS256', 'none']],
    ['token_endpoint_auth_methods_supported', ['client_secret_basic']],
    ['token_endpoint_auth_signing_alg_values_supported', ['RS256']],
    ['token_endpoint_auth_signing_alg_values_supported', ['ES256', 'none']],
    ['protected_resources', ['https://other.host.dev']],
  ]
  it.each(wrong)('DS-4 I8 refuses %s = %j and names the field', async (field, value) => {
    await expect(discover({ server: { body: metadata({ [field]: value }) } })).rejects.toMatchObject({
      name: 'OAuthResolverError',
      code: 'server_not_conforming',
      message: expect.stringContaining(field),
    })
  })

  it('refuses a server that does not take our way to authenticate', async () => {
    const body = metadata({ token_endpoint_auth_methods_supported: ['private_key_jwt'] })
    await expect(discover({ server: { body } }, 'none')).rejects.toThrow(/lacks none/)
  })

  const endpoints = [
    'authorization_endpoint',
    'token_endpoint',
    'pushed_authorization_request_endpoint',
    'revocation_endpoint',
  ]
  const inside = [
    'javascript:alert(1)//https://as.host.dev',
    'data:text/html,x',
    'http://as.host.dev/x',
    'https://user:pw@as.host.dev/x',
    'https://localhost/x',
    'https://127.0.0.1/x',
    'https://2130706433/x',
    'https://[::1]/x',
    'https://169.254.169.254/latest',
    'https://vault.internal/x',
    'https://as.host.dev:6379/x',
    '/relative',
  ]
  for (const field of endpoints) {
    it.each(inside)(`SF-1 DS-5 refuses to be sent to %s as ${field}`, async (url) => {
      const answer = discover({ server: { body: metadata({ [field]: url }) } })
      await expect(answer).rejects.toMatchObject({ code: 'server_not_conforming' })
    })
  }
})

describe('discoverServer asks for exactly what the profile describes', () => {
  it.each([301, 302, 307, 400, 404, 410])('SF-2 DS-3 N6 refuses metadata with status %d', async (status) => {
    await expect(discover({ server: { status, body: metadata() } })).rejects.toMatchObject({
      code: 'server_not_conforming',
      status,
    })
  })

  it.each([401, 403, 408, 429, 451, 500, 502, 503])(
    'calls a server that says %d unavailable',
    async (status) => {
      await expect(discover({ server: { status } })).rejects.toMatchObject({ code: 'server_unavailable' })
    },
  )

  it('refuses metadata that is labelled as HTML', async () => {
    const server = { body: JSON.stringify(metadata()), headers: { 'content-type': 'text/html' } }
    await expect(discover({ server })).rejects.toMatchObject({ code: 'server_not_conforming' })
  })

  it('calls a PDS that is down unavailable', async () => {
    const { fetch } = await createWorld({})
    await expect(discoverServer(PDS, 'none', { fetch, allowLoopback: false })).rejects.toMatchObject({
      code: 'server_unavailable',
      endpoint: RESOURCE,
    })
  })
})
