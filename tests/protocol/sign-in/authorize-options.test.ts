/** What an application may wish for when a sign-in begins, as it arrives at the server. */
import type { AuthorizeOptions, ClientMetadataInput, ResponseMode } from 'next-atproto-auth/oauth'
import { expect, it } from 'vitest'
import { SCOPE } from '../../support/client.ts'
import { createScriptedClient } from '../../support/protocol/scripted-client.ts'
import { alice, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { refusalOf } from '../../support/refusal.ts'

const PAR = '/oauth/par'
const MINUTE_MS = 60_000

it.each<[string, AuthorizeOptions, Record<string, string>]>([
  ['prompt none', { prompt: 'none' }, { prompt: 'none' }],
  ['prompt login', { prompt: 'login' }, { prompt: 'login' }],
  ['prompt consent', { prompt: 'consent' }, { prompt: 'consent' }],
  ['prompt select_account', { prompt: 'select_account' }, { prompt: 'select_account' }],
  ['prompt create', { prompt: 'create' }, { prompt: 'create' }],
  ['max_age', { max_age: 0 }, { max_age: '0' }],
  ['ui_locales', { ui_locales: 'fr-CA fr en' }, { ui_locales: 'fr-CA fr en' }],
  ['display', { display: 'popup' }, { display: 'popup' }],
])('PAR-2 sends %s as the application said it', async (_, options, expected) => {
  await using network = await startScriptedNetwork()
  await createScriptedClient(network).authorize(alice.handle, options)
  expect(Object.fromEntries(network.sent(PAR).at(-1)?.form ?? [])).toMatchObject(expected)
})

it('PAR-2 sends nothing else of what an options object may hold', async () => {
  await using network = await startScriptedNetwork()
  const options: AuthorizeOptions & Readonly<Record<string, string>> = {
    nonce: 'n',
    claims: '{}',
    id_token_hint: 'h',
    client_secret: 's',
    request: 'r',
    login_hint: 'x',
  }
  await createScriptedClient(network).authorize(alice.handle, options)
  const form = network.sent(PAR).at(-1)?.form
  for (const name of ['nonce', 'claims', 'id_token_hint', 'client_secret', 'request'])
    expect(form?.has(name)).toBe(false)
  expect(form?.get('login_hint')).toBe(alice.handle)
})

it.each<[string, object]>([
  ['prompt', { prompt: 'none login' }],
  ['prompt', { prompt: 'NONE' }],
  ['display', { display: 'tv' }],
  ['max_age', { max_age: -1 }],
  ['max_age', { max_age: 1.5 }],
  ['redirect_uri', { redirect_uri: 'https://evil.example/callback' }],
])('refuses a malformed %s before any request: %j', async (name, options) => {
  await using network = await startScriptedNetwork()
  const error = await createScriptedClient(network)
    .authorize(alice.handle, options)
    .catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(TypeError)
  expect(String(error)).toContain(name)
  expect(network.requests).toEqual([])
})

it.each(['atproto blob:*/*', `${SCOPE}?action=create`, SCOPE.replace('atproto', 'ATPROTO')])(
  'MD-5 SC-1 SC-6 asks for no scope that the metadata does not declare, letter by letter: %s',
  async (scope) => {
    await using network = await startScriptedNetwork()
    const refusal = await refusalOf(createScriptedClient(network).start(alice.handle, { scope }))
    expect(refusal).toMatchObject({ code: 'configuration' })
    expect(network.requests).toEqual([])
  },
)

it.each<ResponseMode>(['query', 'fragment', 'form_post'])(
  'asks for the answer by %s',
  async (responseMode) => {
    await using network = await startScriptedNetwork()
    await createScriptedClient(network, { responseMode }).authorize(alice.handle)
    expect(network.sent(PAR).at(-1)?.form.get('response_mode')).toBe(responseMode)
  },
)

/** A client with two places to come back to. */
const twoWays = {
  client_id: `http://localhost?${new URLSearchParams([
    ['scope', 'atproto'],
    ['redirect_uri', 'http://127.0.0.1:3000/one'],
    ['redirect_uri', 'http://127.0.0.1:3000/two'],
  ])}`,
} satisfies ClientMetadataInput

it('CB-6 comes back where the application said, and exchanges the code with that redirect_uri', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network, { clientMetadata: twoWays })
  const redirect_uri = 'http://127.0.0.1:3000/two'
  const url = await client.authorize(alice.handle, { redirect_uri })
  const back = network.home.as.approve(url, alice.did)
  expect(back.href).toMatch(/^http:\/\/127\.0\.0\.1:3000\/two\?/)
  const { session } = await client.callback(back.searchParams, { redirect_uri })
  expect(session.did).toBe(alice.did)
  expect(network.sent('/oauth/token').at(-1)?.form.get('redirect_uri')).toBe(redirect_uri)
})

it('CB-6 refuses a callback at another redirect_uri than the sign-in began with, without using the code', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network, { clientMetadata: twoWays })
  const url = await client.authorize(alice.handle, { state: 'mine' })
  const params = network.home.as.approve(url, alice.did).searchParams
  const refusal = await refusalOf(client.callback(params, { redirect_uri: 'http://127.0.0.1:3000/two' }))
  expect(refusal).toMatchObject({ name: 'OAuthCallbackError', code: 'invalid_callback', state: 'mine' })
  expect(network.sent('/oauth/token')).toEqual([])
})

it.each<[AuthorizeOptions, number, boolean]>([
  [{}, 29, true],
  [{}, 31, false],
  [{ prompt: 'create' }, 59, true],
  [{ prompt: 'create' }, 61, false],
])('CB-8 keeps a sign-in begun with %j for %d minutes: %s', async (options, minutes, isKept) => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  const url = await client.authorize(network.home.pds.origin, options)
  const { searchParams } = network.home.as.approve(url, alice.did)
  network.advance(minutes * MINUTE_MS)
  const result = await client.callback(searchParams).catch((error: { code: string }) => error.code)
  expect(typeof result === 'string' ? result : 'signed in').toBe(isKept ? 'signed in' : 'state_unknown')
})

it('gives the application its state back, and null when it gave none', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  const finish = async (options: AuthorizeOptions) => {
    const url = await client.authorize(alice.handle, options)
    return (await client.callback(network.home.as.approve(url, alice.did).searchParams)).state
  }
  expect([await finish({ state: '434321' }), await finish({})]).toEqual(['434321', null])
})

it('tells what a silent sign-in lacks, with the state to try again', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  for (const error of ['login_required', 'consent_required', 'interaction_required']) {
    const url = await client.authorize(alice.handle, { prompt: 'none', state: 'mine' })
    const refusal = await refusalOf(client.callback(network.home.as.fail(url, error).searchParams))
    expect(refusal).toMatchObject({ name: 'OAuthCallbackError', code: 'authorization_failed', state: 'mine' })
    expect(
      'params' in refusal && refusal.params instanceof URLSearchParams && refusal.params.get('error'),
    ).toBe(error)
  }
})
