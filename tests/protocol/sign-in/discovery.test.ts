/** From the PDS to its authorization server: what is refused before anything is pushed there. */
import { expect, it } from 'vitest'
import { createScriptedClient, signIn } from '../../support/protocol/scripted-client.ts'
import {
  alice,
  didDocument,
  type ScriptedNetwork,
  startScriptedNetwork,
} from '../../support/protocol/scripted-network.ts'
import { type Answer, alter } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'

const RESOURCE = '/.well-known/oauth-protected-resource'
const SERVER = '/.well-known/oauth-authorization-server'

async function expectNoSignIn(network: ScriptedNetwork, code: string, named = ''): Promise<void> {
  const error = await refusalOf(createScriptedClient(network).start(alice.handle))
  expect(error).toMatchObject({ code, message: expect.stringContaining(named) })
  expect(network.sent('/oauth/par')).toEqual([])
}

const alterResource = (changes: (network: ScriptedNetwork) => Record<string, unknown>) =>
  async function script(network: ScriptedNetwork): Promise<void> {
    network.home.pds.answer(RESOURCE, async (_, usual) => alter(await usual(), changes(network)))
  }
const replaceResource = (answer: Answer) => async (network: ScriptedNetwork) =>
  network.home.pds.answer(RESOURCE, answer)

it.each([
  ['a redirect', replaceResource({ status: 302, headers: { location: '/elsewhere' } })],
  ['status 201', alterStatus(RESOURCE, 201)],
  ['status 404', replaceResource({ status: 404, json: {} })],
  ['text/html', replaceResource({ headers: { 'content-type': 'text/html' }, body: '{}' })],
  ['malformed JSON', replaceResource({ headers: { 'content-type': 'application/json' }, body: '{' })],
  ['no server', alterResource(() => ({ authorization_servers: [] }))],
  [
    'two servers',
    alterResource(({ home }) => ({ authorization_servers: [home.as.origin, home.pds.origin] })),
  ],
  ['another resource', alterResource(({ home }) => ({ resource: home.as.origin }))],
  ['a resource with trailing slash', alterResource(({ home }) => ({ resource: `${home.pds.origin}/` }))],
  ['no resource', alterResource(() => ({ resource: undefined }))],
])('DS-1 refuses a PDS whose resource metadata is %s', async (_, script) => {
  await using network = await startScriptedNetwork()
  await script(network)
  await expectNoSignIn(network, 'server_not_conforming')
})

it.each([
  ['a trailing slash', (origin: string) => `${origin}/`],
  ['a path', (origin: string) => `${origin}/tenant`],
  ['a query', (origin: string) => `${origin}?a=b`],
  ['a fragment', (origin: string) => `${origin}#a`],
  ['credentials', (origin: string) => origin.replace('//', '//user:pass@')],
  ['upper case', () => 'https://AS.example.com'],
  ['the default port written out', () => 'https://as.example.com:443'],
  ['http on a public name', () => 'http://as.example.com'],
  ['an IP address', () => 'https://10.0.0.1'],
  ['another scheme', () => 'ftp://as.example.com'],
  ['no URL', () => 'as.example.com'],
])('DS-2 refuses an issuer with %s', async (_, spell) => {
  await using network = await startScriptedNetwork()
  await alterResource(({ home }) => ({ authorization_servers: [spell(home.as.origin)] }))(network)
  await expectNoSignIn(network, 'server_not_conforming')
})

it.each([
  ['a redirect', { status: 307, headers: { location: '/elsewhere' } }],
  ['status 404', { status: 404, json: {} }],
  ['text/html', { headers: { 'content-type': 'text/html' }, body: '<p>' }],
  ['a list', { headers: { 'content-type': 'application/json' }, body: '[]' }],
])('DS-3 refuses an authorization server whose metadata is %s', async (_, answer: Answer) => {
  await using network = await startScriptedNetwork()
  network.home.as.answer(SERVER, answer)
  await expectNoSignIn(network, 'server_not_conforming')
})

it.each([
  ['a trailing slash', (origin: string) => `${origin}/`],
  ['another host', () => 'https://as.example.com'],
  ['upper case', (origin: string) => origin.toUpperCase()],
])('DS-3 I8 refuses metadata whose issuer has %s', async (_, spell) => {
  await using network = await startScriptedNetwork()
  const issuer = spell(network.home.as.origin)
  network.home.as.answer(SERVER, async (_request, usual) => alter(await usual(), { issuer }))
  await expectNoSignIn(network, 'server_not_conforming', 'issuer')
})

it.each([
  ['client_id_metadata_document_supported', false],
  ['client_id_metadata_document_supported', undefined],
  ['authorization_response_iss_parameter_supported', false],
  ['authorization_response_iss_parameter_supported', undefined],
  ['pushed_authorization_request_endpoint', undefined],
  ['authorization_endpoint', undefined],
  ['token_endpoint', undefined],
  ['code_challenge_methods_supported', ['plain']],
  ['dpop_signing_alg_values_supported', ['RS256', 'none']],
  ['token_endpoint_auth_methods_supported', ['client_secret_basic']],
])('DS-4 I8 O6 refuses a server with %s: %j and names the field', async (field, value) => {
  await using network = await startScriptedNetwork()
  network.home.as.answer(SERVER, async (_, usual) => alter(await usual(), { [field]: value }))
  await expectNoSignIn(network, 'server_not_conforming', field)
})

it.each([
  'code_challenge_methods_supported',
  'dpop_signing_alg_values_supported',
  'token_endpoint_auth_methods_supported',
  'token_endpoint_auth_signing_alg_values_supported',
  'scopes_supported',
  'grant_types_supported',
  'response_types_supported',
  'require_pushed_authorization_requests',
  'protected_resources',
  'revocation_endpoint',
])('DS-4 signs in although the server does not list %s', async (field) => {
  await using network = await startScriptedNetwork()
  network.home.as.answer(SERVER, async (_, usual) => alter(await usual(), { [field]: undefined }))
  await createScriptedClient(network).start(alice.handle)
  expect(network.violations).toEqual([])
})

const endpoints = [
  'authorization_endpoint',
  'token_endpoint',
  'pushed_authorization_request_endpoint',
  'revocation_endpoint',
]
const badUrls = [
  ...['javascript:alert(1)', 'data:text/html,x', 'ftp://as.example.com/', 'http://as.example.com/token'],
  ...['https://10.0.0.1/token', 'https://[::ffff:7f00:1]/token', 'https://167772161/token'],
  ...[
    'https://user:pass@as.example.com/',
    'https://as.example.com:22/',
    'https://as.example.com:6379/',
    'https://as.example.com./',
    '/token',
  ],
]
it.each(endpoints)('N2 DS-5 refuses a server with a dangerous %s, and sends it nothing', async (field) => {
  await using network = await startScriptedNetwork()
  for (const url of badUrls) {
    network.home.as.answer(SERVER, async (_, usual) => alter(await usual(), { [field]: url }))
    await expectNoSignIn(network, 'server_not_conforming')
  }
})

it('N2 drops the fragments of endpoints, and never reads the keys of a server', async () => {
  await using network = await startScriptedNetwork()
  const trap = await network.addHome()
  network.home.as.answer(SERVER, async (_, usual) => {
    const answer = await usual()
    const changes = endpoints.map((field) => [field, `${answer.json?.[field]}#here`])
    return alter(answer, { ...Object.fromEntries(changes), jwks_uri: `${trap.as.origin}/jwks` })
  })
  const session = await signIn(network, createScriptedClient(network))
  expect(Object.values(session.serverMetadata).join()).not.toContain('#')
  await session.refresh()
  await session.signOut()
  expect(network.home.as.grants.counts).toMatchObject({ rotations: 1, revocations: 1 })
  expect(network.requests.filter(({ origin }) => origin === trap.as.origin)).toEqual([])
  expect(network.violations).toEqual([])
})

it('DS-6 refuses a server that lists other protected resources only', async () => {
  await using network = await startScriptedNetwork()
  const protected_resources = ['https://pds.example.com']
  network.home.as.answer(SERVER, async (_, usual) => alter(await usual(), { protected_resources }))
  await expectNoSignIn(network, 'server_not_conforming', 'protected_resources')
})

it('DS-6 passes over a list of protected resources that is too long to be kept', async () => {
  await using network = await startScriptedNetwork()
  const protected_resources = Array.from({ length: 1_001 }, (_, index) => `https://p${index}.example.com`)
  network.home.as.answer(SERVER, async (_, usual) => alter(await usual(), { protected_resources }))
  await createScriptedClient(network).start(alice.handle)
  expect(network.sent('/oauth/par').at(-1)?.form.get('login_hint')).toBe(alice.handle)
})

it.each([
  ['the PDS is down', RESOURCE, 'pds'],
  ['the authorization server is down', SERVER, 'as'],
] as const)('calls it server_unavailable when %s', async (_, path, server) => {
  await using network = await startScriptedNetwork()
  for (const answer of [{ status: 503 }, { status: 429 }, { drop: true }]) {
    network.home[server].answer(path, answer)
    await expectNoSignIn(network, 'server_unavailable')
  }
})

it('I5 refuses a handle that the document does not name back', async () => {
  await using network = await startScriptedNetwork()
  const document = didDocument({ ...alice, handle: 'other.test' }, network.home.pds.origin)
  network.plc.answer(`/${alice.did}`, { json: document })
  await expectNoSignIn(network, 'identity_not_found')
})

function alterStatus(path: string, status: number) {
  return async (network: ScriptedNetwork) =>
    network.home.pds.answer(path, async (_, usual) => ({ ...(await usual()), status }))
}
