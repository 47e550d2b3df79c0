/** The pushed authorization request (RFC 9126) and the URL that the browser is sent to. */
import { calculateJwkThumbprint } from 'jose'
import { expect, it } from 'vitest'
import { SCOPE } from '../../support/client.ts'
import { createScriptedClient, signIn } from '../../support/protocol/scripted-client.ts'
import { alice, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { type Answer, alter, type RecordedRequest } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'

const PAR = '/oauth/par'

async function thumbprintOf(request: RecordedRequest | undefined): Promise<string> {
  return calculateJwkThumbprint(request?.proof?.header.jwk ?? {})
}

it('PAR-1 PAR-2 pushes exactly the parameters of the profile, as a form', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  const { state } = await client.start(alice.handle)
  const request = network.sent(PAR).at(-1)
  expect(request?.headers['content-type']).toMatch(/^application\/x-www-form-urlencoded\b/)
  expect(Object.fromEntries(request?.form ?? [])).toEqual({
    client_id: client.clientMetadata.client_id,
    response_type: 'code',
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge_method: 'S256',
    state,
    redirect_uri: 'http://127.0.0.1:3000/oauth/callback',
    scope: SCOPE,
    login_hint: alice.handle,
  })
  expect(network.violations).toEqual([])
})

it('PAR-3 DP-1 TK-1 proves the session’s DPoP key at PAR, token, PDS and revocation, another for each sign-in', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  const session = await signIn(network, client)
  await session.fetchHandler('/xrpc/com.example.echo')
  await session.signOut()
  const paths = [PAR, '/oauth/token', '/xrpc/com.example.echo', '/oauth/revoke']
  const keys = new Set(await Promise.all(paths.map((path) => thumbprintOf(network.sent(path).at(-1)))))
  expect(keys.size).toBe(1)
  await client.start(alice.handle)
  expect(keys).not.toContain(await thumbprintOf(network.sent(PAR).at(-1)))
})

it('PAR-4 sends the browser to the authorization endpoint with client_id and request_uri only', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  const { url } = await client.start(alice.handle)
  expect(url.origin + url.pathname).toBe(`${network.home.as.origin}/oauth/authorize`)
  expect(Object.fromEntries(url.searchParams)).toEqual({
    client_id: client.clientMetadata.client_id,
    request_uri: expect.stringMatching(/^urn:/),
  })
  expect(url.hash).toBe('')
})

it('PAR-4 O5 keeps the query of the authorization endpoint, but our own parameters win', async () => {
  await using network = await startScriptedNetwork()
  const { as } = network.home
  const authorization_endpoint = `${as.origin}/authorize?tenant=1&client_id=evil&client_id=worse#here`
  as.answer('/.well-known/oauth-authorization-server', async (_, usual) =>
    alter(await usual(), { authorization_endpoint }),
  )
  const client = createScriptedClient(network)
  const { url } = await client.start(alice.handle)
  expect([...url.searchParams.keys()]).toEqual(['tenant', 'client_id', 'request_uri'])
  expect(url.searchParams.get('client_id')).toBe(client.clientMetadata.client_id)
  expect(url.hash).toBe('')
})

it.each([
  [alice.did, alice.did],
  [alice.handle, alice.handle],
  [' @Alice.TEST ', alice.handle],
])('PAR-5 gives what the person typed, %j, as the login_hint %s', async (typed, hint) => {
  await using network = await startScriptedNetwork()
  await createScriptedClient(network).start(typed)
  expect(network.sent(PAR).at(-1)?.form.get('login_hint')).toBe(hint)
})

it('PAR-6 PK-1 draws state, challenge and DPoP key anew for each attempt, at random', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  const urls: string[] = []
  for (let attempt = 0; attempt < 20; attempt += 1)
    urls.push((await client.start(alice.handle, { state: '/secret-path' })).url.href)
  // The first attempt was sent twice, for the nonce.
  const requests = network.sent(PAR).slice(1)
  for (const name of ['state', 'code_challenge']) {
    expect(new Set(requests.map(({ form }) => form.get(name))).size).toBe(20)
  }
  expect(new Set(requests.map(({ proof }) => proof?.header.jwk?.x)).size).toBe(20)
  expect([...requests.map(({ body }) => body.toString()), ...urls].join()).not.toContain('secret-path')
  for (const { form } of requests) {
    const state = Buffer.from(form.get('state') ?? '', 'base64url')
    expect(state).toHaveLength(32)
    for (const text of ['secret', alice.handle, alice.did]) expect(state.includes(text)).toBe(false)
  }
})

const good = { request_uri: 'urn:ietf:params:oauth:request_uri:x', expires_in: 300 }
const nonce = { 'dpop-nonce': 'a-nonce' }

it.each([
  ['no request_uri', { json: { expires_in: 300 } }],
  ['an empty request_uri', { json: { ...good, request_uri: '' } }],
  ['a request_uri that is no string', { json: { ...good, request_uri: 7 } }],
  ['a request_uri with a line break', { json: { ...good, request_uri: 'urn:x\r\nset-cookie: a' } }],
  ['a request_uri with a space', { json: { ...good, request_uri: 'urn:x y' } }],
  ['a request_uri outside ASCII', { json: { ...good, request_uri: 'urn:\u202ex' } }],
  ['a request_uri of 10 kB', { json: { ...good, request_uri: `urn:${'x'.repeat(10_000)}` } }],
  ['a list', { headers: { 'content-type': 'application/json' }, body: '[]' }],
  ['HTML', { headers: { 'content-type': 'text/html' }, body: '<p>hello' }],
])('PAR-1 O5 refuses a PAR answer with %s', async (_, answer: Answer) => {
  await using network = await startScriptedNetwork()
  network.home.as.answer(PAR, { status: 201, ...answer, headers: { ...nonce, ...answer.headers } })
  const error = await refusalOf(createScriptedClient(network).start(alice.handle))
  expect(error).toMatchObject({ code: 'server_not_conforming' })
  expect(network.sent(PAR)).toHaveLength(1)
})

it('O5 gives up on a PAR answer of 1 MB', async () => {
  await using network = await startScriptedNetwork()
  const json = { ...good, request_uri: `urn:${'x'.repeat(1_000_000)}` }
  network.home.as.answer(PAR, { status: 201, json, headers: nonce })
  const error = await refusalOf(createScriptedClient(network).start(alice.handle))
  expect(error).toMatchObject({ code: 'response_too_large' })
})

it.each([
  ['status 200', { status: 200, json: good }],
  ['a request_uri that is no URN', { json: { ...good, request_uri: 'https://as.example.com/r/1' } }],
  [
    'a request_uri that looks like more parameters',
    { json: { ...good, request_uri: 'urn:x&client_id=evil#y' } },
  ],
  ['no expires_in, which nothing needs', { json: { request_uri: good.request_uri } }],
  ['expires_in 0', { json: { ...good, expires_in: 0 } }],
  ['expires_in as text', { json: { ...good, expires_in: '300' } }],
  ['a very long life', { json: { ...good, expires_in: 1e99 } }],
  ['unknown members', { json: { ...good, extra: { request_uri: 'urn:other' } } }],
])('PAR-1 O5 takes a PAR answer with %s, and the request_uri stays one parameter', async (_, answer) => {
  await using network = await startScriptedNetwork()
  network.home.as.answer(PAR, { status: 201, ...answer, headers: nonce })
  const { url } = await createScriptedClient(network).start(alice.handle)
  expect(url.searchParams.getAll('request_uri')).toEqual([answer.json.request_uri])
  expect([...url.searchParams.keys()]).toEqual(['client_id', 'request_uri'])
})

it.each([302, 307, 400, 403, 405, 500, 503])(
  'N6 takes status %i at PAR for an error and follows nothing',
  async (status) => {
    await using network = await startScriptedNetwork()
    const trap = await network.addHome()
    network.home.as.answer(PAR, {
      status,
      json: { ...good, error: 'server_error' },
      headers: { ...nonce, location: `${trap.as.origin}/oauth/par` },
    })
    const error = await refusalOf(createScriptedClient(network).start(alice.handle))
    expect(error).toMatchObject({ code: status < 500 ? 'oauth_error' : 'server_unavailable', status })
    expect(network.sent(PAR)).toHaveLength(1)
  },
)

it('DP-13 signs in at a server that gives no DPoP-Nonce, and warns of it once', async () => {
  await using network = await startScriptedNetwork()
  const warnings: string[] = []
  const client = createScriptedClient(network, { onWarning: (message) => warnings.push(message) })
  network.home.as.answer(PAR, { status: 201, json: good })
  await client.start(alice.handle)
  const { url } = await client.start(alice.handle)
  expect(url.searchParams.get('request_uri')).toBe(good.request_uri)
  expect(warnings).toEqual([
    `${network.home.as.origin} answers without a DPoP-Nonce, which the AT Protocol requires.`,
  ])
})

it.each([500, 503])('says what a server answered to PAR when it failed with %d', async (status) => {
  await using network = await startScriptedNetwork()
  network.home.as.answer(PAR, { status, json: { error: 'server_error' } })
  const error = await refusalOf(createScriptedClient(network).start(alice.handle))
  expect(error.message).toBe(`${network.home.as.origin}${PAR} answered ${status} (server_error).`)
})

it('calls it server_unavailable when the connection to PAR breaks', async () => {
  await using network = await startScriptedNetwork()
  network.home.as.answer(PAR, { drop: true })
  const error = await refusalOf(createScriptedClient(network).start(alice.handle))
  expect(error).toMatchObject({ code: 'server_unavailable' })
})

it.each([500, 502, 503, 504])(
  'EH-1 says server_unavailable when the server answers PAR with %d',
  async (status) => {
    await using network = await startScriptedNetwork()
    const client = createScriptedClient(network)
    // What is remembered of a server hides that it is down until something is asked of it.
    await client.start(alice.handle)
    network.home.as.answer('*', { status, body: 'down' })
    expect(await refusalOf(client.start(alice.handle))).toMatchObject({
      name: 'OAuthResolverError',
      code: 'server_unavailable',
      retryable: true,
      cause: { status },
    })
  },
)
