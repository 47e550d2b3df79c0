/** What an application can tell apart when something fails, and what a visitor reads then. */
import { AtprotoAuthError, type OAuthSession } from 'next-atproto-auth/oauth'
import { expect, it } from 'vitest'
import { StoreUnavailableError } from '../../../lib/errors.ts'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { signInErrorMessage, toSignInErrorCode } from '../../../lib/web/sign-in-error.ts'
import { approveSignIn, createScriptedClient, signIn } from '../../support/protocol/scripted-client.ts'
import {
  alice,
  bob,
  didDocument,
  type ScriptedNetwork,
  startScriptedNetwork,
} from '../../support/protocol/scripted-network.ts'
import { type Answer, alter } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'

const RESOURCE = '/.well-known/oauth-protected-resource'
const SERVER = '/.well-known/oauth-authorization-server'
const CALL = '/xrpc/app.bsky.actor.getPreferences'
/** Text of a server or of an attacker, which nobody is to read. */
const CANARY = 'canary <script>alert(1)</script> call +0800'
const says = (status: number, error: string, headers = {}): Answer => ({
  status,
  headers: { 'dpop-nonce': 'a-nonce', ...headers },
  json: { error, error_description: CANARY, message: CANARY },
})

type Attempt = (network: ScriptedNetwork) => Promise<unknown>

const start =
  (input = alice.handle) =>
  (network: ScriptedNetwork) =>
    createScriptedClient(network).start(input)
/** Begins a sign-in where a server answers so. */
const startWhere =
  (spoil: (network: ScriptedNetwork) => void): Attempt =>
  (network) => {
    spoil(network)
    return start()(network)
  }
/** Comes back from a sign-in that began well. */
const callbackWhere =
  (spoil: (network: ScriptedNetwork, params: URLSearchParams) => void): Attempt =>
  async (network) => {
    const client = createScriptedClient(network)
    const params = await approveSignIn(network, client)
    spoil(network, params)
    return client.callback(params)
  }
/** Calls the PDS with a session whose tokens have ended. */
const callWhere =
  (
    spoil: (network: ScriptedNetwork) => void,
    work: (session: OAuthSession) => Promise<unknown> = (session) => session.get(CALL.slice(6)),
  ): Attempt =>
  async (network) => {
    const session = await signIn(network, createScriptedClient(network))
    network.advance(3_600_000)
    spoil(network)
    return work(session)
  }

/** Situation → our code, more that tells it apart, what the sign-in page shows. */
const situations: readonly (readonly [string, Attempt, object, string])[] = [
  ['what was typed is no handle', start('alice smith'), { code: 'invalid_identifier' }, 'invalid_identifier'],
  ['nobody has that handle', start('nobody.test'), { code: 'identity_not_found' }, 'identity_not_found'],
  [
    'the account does not go by that handle',
    startWhere(({ plc, home }) =>
      plc.answer(`/${alice.did}`, { json: didDocument({ ...alice, handle: 'other.test' }, home.pds.origin) }),
    ),
    { code: 'identity_not_found', did: alice.did },
    'identity_not_found',
  ],
  [
    'the PDS does not answer',
    startWhere(({ home }) => home.pds.answer(RESOURCE, { drop: true })),
    { code: 'server_unavailable' },
    'server_unavailable',
  ],
  [
    'the authorization server does not answer',
    startWhere(({ home }) => home.as.answer(SERVER, { status: 503, body: CANARY })),
    { code: 'server_unavailable' },
    'server_unavailable',
  ],
  [
    'the authorization server breaks the profile',
    startWhere(({ home }) => home.as.answer(SERVER, { json: { issuer: CANARY } })),
    { code: 'server_not_conforming' },
    'server_not_conforming',
  ],
  [
    'the server does not know the client’s key',
    startWhere(({ home }) => home.as.answer('/oauth/par', says(400, 'invalid_client'))),
    { code: 'oauth_error', error: 'invalid_client' },
    'server_refused',
  ],
  [
    'the server does not take the client’s metadata',
    startWhere(({ home }) => home.as.answer('/oauth/par', says(400, 'invalid_client_metadata'))),
    { code: 'oauth_error', error: 'invalid_client_metadata' },
    'server_refused',
  ],
  [
    'the application asks for more than it declares',
    (network) => createScriptedClient(network).start(alice.handle, { scope: 'atproto blob:*/*' }),
    { code: 'configuration' },
    'configuration',
  ],
  [
    'the person says no',
    callbackWhere((_, params) => {
      params.delete('code')
      params.set('error', 'access_denied')
      params.set('error_description', CANARY)
    }),
    { code: 'access_denied' },
    'access_denied',
  ],
  [
    'the server ends the sign-in',
    callbackWhere((_, params) => {
      params.delete('code')
      params.set('error', CANARY)
    }),
    { code: 'authorization_failed' },
    'sign_in_failed',
  ],
  [
    'the attempt has expired',
    callbackWhere(({ advance }) => advance(3_600_000)),
    { code: 'state_unknown' },
    'state_unknown',
  ],
  [
    'the callback is malformed',
    callbackWhere((_, params) => params.delete('iss')),
    { code: 'invalid_callback' },
    'sign_in_failed',
  ],
  [
    'another server answers',
    callbackWhere((_, params) => params.set('iss', 'https://evil.dev')),
    { code: 'issuer_mismatch' },
    'sign_in_failed',
  ],
  [
    'another account comes back',
    callbackWhere(({ home }) =>
      home.as.answer('/oauth/token', async (_, usual) => alter(await usual(), { sub: bob.did })),
    ),
    { code: 'account_mismatch' },
    'account_mismatch',
  ],
  [
    'the tokens are not bound',
    callbackWhere(({ home }) =>
      home.as.answer('/oauth/token', async (_, usual) => alter(await usual(), { token_type: CANARY })),
    ),
    { code: 'token_response_invalid' },
    'server_not_conforming',
  ],
  [
    'the store is down',
    async (network) => {
      const set = () => Promise.reject(new StoreUnavailableError('The database is down.'))
      return createScriptedClient(network, { store: { ...createMemoryStore(), set } }).start(alice.handle)
    },
    { code: 'store_unavailable', retryable: true },
    'store_unavailable',
  ],
  [
    'the session has ended at the server',
    callWhere(({ home }) => home.as.answer('/oauth/token', says(400, 'invalid_grant'))),
    { code: 'session_ended', did: alice.did, retryable: false },
    'sign_in_failed',
  ],
  [
    'the tokens cannot be renewed now',
    callWhere(({ home }) => home.as.answer('/oauth/token', says(503, 'temporarily_unavailable'))),
    { code: 'refresh_failed', did: alice.did, retryable: true },
    'sign_in_failed',
  ],
  [
    'the PDS refuses every token',
    callWhere(({ home }) =>
      home.pds.answer(CALL, says(401, 'invalid_token', { 'www-authenticate': 'DPoP error="invalid_token"' })),
    ),
    { code: 'token_rejected', retryable: false },
    'sign_in_failed',
  ],
  [
    'the person has not granted that',
    callWhere(({ home }) =>
      home.pds.answer(CALL, {
        status: 403,
        json: { error: 'ScopeMissingError', message: 'Missing required scope "blob:*/*"' },
      }),
    ),
    { code: 'scope_missing', missingScope: 'blob:*/*' },
    'scope_missing',
  ],
  [
    'the PDS wants a pause',
    callWhere(({ home }) =>
      home.pds.answer(CALL, { status: 429, headers: { 'retry-after': '7' }, json: {} }),
    ),
    { code: 'rate_limited', retryable: true },
    'sign_in_failed',
  ],
  [
    'the call leads elsewhere',
    callWhere(
      () => {},
      (session) => session.fetchHandler('https://evil.dev/xrpc/a.b.c'),
    ),
    { code: 'foreign_origin' },
    'sign_in_failed',
  ],
]

it.each(situations)(
  'EH-1 when %s, the code says so and no text of a server is shown',
  async (_, attempt, expected, shown) => {
    await using network = await startScriptedNetwork()
    const error = await refusalOf(attempt(network))
    expect(error).toBeInstanceOf(AtprotoAuthError)
    expect(error).toMatchObject(expected)
    // Without the ports of this run's servers, in which any number may occur.
    expect(error.message.replaceAll(/:\d+/g, '')).not.toMatch(/canary|<|0800/)
    expect(toSignInErrorCode(error)).toBe(shown)
    expect(signInErrorMessage(shown)).not.toMatch(/canary|<|did:|https?:/)
  },
)

it('EH-1 tells the situations apart by code, or by code and one more field', () => {
  const told = situations.map(([, , expected]) => JSON.stringify(expected))
  const alike = told.filter((text, index) => told.indexOf(text) !== index)
  // Two servers can be down; whoever waits for either can do no more than try again.
  expect(alike).toEqual([JSON.stringify({ code: 'server_unavailable' })])
})
