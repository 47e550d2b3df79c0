/** No error shows a token, code, verifier, key or state: neither its message nor its JSON nor what a log prints of it. */
import { inspect } from 'node:util'
import { generatePrivateJwk, importKeyset, type OAuthSession } from 'next-atproto-auth/oauth'
import { expect, it } from 'vitest'
import { approveSignIn, createScriptedClient, signIn } from '../../support/protocol/scripted-client.ts'
import { type ScriptedNetwork, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import {
  type Answer,
  alter,
  type RecordedRequest,
  type Script,
} from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'

const secretFields = ['code', 'code_verifier', 'state', 'client_assertion', 'refresh_token', 'token']

/** Every secret that left the client or was issued to it. */
function secretsOf(network: ScriptedNetwork): readonly string[] {
  const sent = network.requests.flatMap(({ form, headers, target }) => [
    ...secretFields.flatMap((name) => form.getAll(name)),
    ...new URL(target, 'http://server').searchParams.getAll('code'),
    String(headers.dpop ?? ''),
  ])
  return [...network.home.as.grants.secrets, ...sent].filter((text) => text.length > 8)
}

function expectNothingShown(network: ScriptedNetwork, error: unknown, ...more: readonly string[]): void {
  const shown = [
    String(error),
    JSON.stringify(error),
    inspect(error, {
      depth: Number.POSITIVE_INFINITY,
      showHidden: true,
      maxStringLength: null,
      maxArrayLength: null,
    }),
    error instanceof Error ? `${error.stack}${JSON.stringify(error.cause)}` : '',
  ].join('\n')
  const leaked = [...secretsOf(network), ...more].filter((secret) => shown.includes(secret))
  expect(leaked).toEqual([])
}

async function startConfidential() {
  const jwk = { ...(await generatePrivateJwk()), kid: 'key' }
  const keyset = await importKeyset(jwk)
  const network = await startScriptedNetwork({ jwks: { keys: [...keyset.publicJwks.keys] } })
  return { network, client: createScriptedClient(network, { keyset }), clientKey: jwk.d }
}

/** A server that says what it was sent: some do, and a person pastes the log into a bug report. */
const echo: Script = ({ body }) => ({
  status: 400,
  json: { error: 'invalid_request', error_description: String(body) },
})
const echoAsError: Script = ({ form }) => {
  const error = form.get('refresh_token') ?? form.get('code') ?? form.get('state') ?? 'none'
  return { status: 400, json: { error } }
}
const echoAsPage: Script = ({ body }: RecordedRequest): Answer => ({
  status: 500,
  headers: { 'content-type': 'text/html' },
  body,
})
const echoAsText: Script = (request, usual) => ({
  ...echoAsPage(request, usual),
  headers: { 'content-type': 'text/plain' },
})
const cut: Script = async (_, usual) => {
  const answer = await usual()
  return {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(answer.json).slice(0, -1),
  }
}
const asText = ({ json }: Answer): Answer => ({
  status: 400,
  headers: { 'content-type': 'text/plain' },
  body: asForm(json),
})
/** As some servers send it for want of `Accept`. */
const asForm = (json: Answer['json'] = {}) =>
  new URLSearchParams(Object.entries(json).map(([name, value]) => [name, String(value)])).toString()
const scripts: readonly [string, Script][] = [
  ['echoes the request in error_description', echo],
  ['echoes a secret in error', echoAsError],
  ['echoes the request in a page', echoAsPage],
  ['echoes the request in plain text', echoAsText],
  ['sends tokens in malformed JSON', cut],
  ['sends tokens as plain text', async (_, usual) => asText(await usual())],
  ['sends tokens as a form', async (_, usual) => ({ body: asForm((await usual()).json) })],
  ['sends tokens with status 500', async (_, usual) => ({ ...(await usual()), status: 500 })],
  ['sends tokens of no type', async (_, usual) => alter(await usual(), { token_type: 7 })],
  ['sends the tokens as error', async (_, usual) => ({ ...(await usual()), status: 400 })],
  ['breaks the connection', async (_, usual) => ({ ...(await usual()), drop: true })],
]

it.each(scripts)('shows no secret when PAR %s', async (_, script) => {
  const { network, client, clientKey } = await startConfidential()
  await using _network = network
  network.home.as.answer('/oauth/par', script)
  const outcome = await client.start('alice.test').catch((error: unknown) => error)
  if (outcome instanceof Error) expectNothingShown(network, outcome, clientKey)
})

it.each(scripts)('shows no secret when the code exchange %s', async (_, script) => {
  const { network, client, clientKey } = await startConfidential()
  await using _network = network
  const params = await approveSignIn(network, client)
  network.home.as.answer('/oauth/token', script)
  const secrets = [clientKey, params.get('code') ?? '', params.get('state') ?? '']
  expectNothingShown(network, await refusalOf(client.callback(params)), ...secrets)
})

it.each(scripts)('shows no secret when the refresh %s', async (_, script) => {
  const { network, client, clientKey } = await startConfidential()
  await using _network = network
  const session = await signIn(network, client)
  network.advance(3_600_000)
  network.home.as.answer('/oauth/token', script)
  expectNothingShown(network, await refusalOf(session.fetchHandler('/xrpc/a.b.c')), clientKey, session.id)
})

it.each([
  ['another iss', (params: URLSearchParams) => params.set('iss', 'https://as.example.com')],
  ['two codes', (params: URLSearchParams) => params.append('code', `${params.get('code')}`)],
  ['two states', (params: URLSearchParams) => params.append('state', `${params.get('state')}`)],
  ['an error beside the code', (params: URLSearchParams) => params.set('error', 'access_denied')],
  ['no iss', (params: URLSearchParams) => params.delete('iss')],
])('shows neither code nor state of a callback with %s', async (_, spoil) => {
  const { network, client } = await startConfidential()
  await using _network = network
  const params = await approveSignIn(network, client)
  const secrets = [params.get('code') ?? '', params.get('state') ?? '']
  spoil(params)
  expectNothingShown(network, await refusalOf(client.callback(params)), ...secrets)
})

it('shows no secret when the callback names another account', async () => {
  const { network, client } = await startConfidential()
  await using _ = network
  const params = await approveSignIn(network, client)
  network.home.as.answer('/oauth/token', async (_request, usual) =>
    alter(await usual(), { sub: 'did:web:other.example' }),
  )
  expectNothingShown(network, await refusalOf(client.callback(params)))
})

const calls: readonly [string, (session: OAuthSession, network: ScriptedNetwork) => Promise<unknown>][] = [
  ['a foreign URL', (session) => session.fetchHandler('https://evil.example/?token=x')],
  [
    'a PDS that breaks the connection',
    (session, { home }) => {
      home.pds.answer('*', { drop: true })
      return session.fetchHandler('/xrpc/a.b.c')
    },
  ],
  [
    'a PDS that refuses every token',
    (session, { home }) => {
      home.pds.answer('/xrpc/a.b.c', {
        status: 401,
        headers: { 'www-authenticate': 'DPoP error="invalid_token"' },
      })
      return session.fetchHandler('/xrpc/a.b.c')
    },
  ],
]
it.each(calls)('shows no secret after a call with %s', async (_, work) => {
  const { network, client } = await startConfidential()
  await using _network = network
  const session = await signIn(network, client)
  expectNothingShown(network, await refusalOf(work(session, network)), session.id)
})

it('X9 shows nothing of a session but its account', async () => {
  const { network, client, clientKey } = await startConfidential()
  await using _ = network
  const session = await signIn(network, client)
  expect(JSON.parse(JSON.stringify(session))).toEqual({ did: session.did })
  expectNothingShown(network, session, clientKey, session.id)
  expectNothingShown(network, client, clientKey)
})
