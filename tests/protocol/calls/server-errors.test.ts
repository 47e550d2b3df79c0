/** Errors of authorization servers as they come in practice: statuses that vary, pages instead of JSON, challenges. */
import { OAuthResponseError } from 'next-atproto-auth/oauth'
import { expect, it } from 'vitest'
import { describeError } from '../../../lib/error-reason.ts'
import {
  call,
  createScriptedClient,
  signInWarm,
  startApproved,
  tokenRequests,
} from '../../support/protocol/scripted-client.ts'
import { alice, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import type { Answer } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'

const HOUR_MS = 3_600_000
const nonce = { 'dpop-nonce': 'a-nonce' }
const says = (status: number, error: string, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { ...nonce, ...headers },
  json: { error, error_description: 'canary <script>alert(1)</script>' },
})
const challenge = { 'www-authenticate': 'DPoP algs="ES256", error="invalid_dpop_proof"' }
const html = { ...nonce, 'content-type': 'text/html' }

/** What came, and the error name that is read from it. */
const answers: readonly (readonly [string, Answer, string | undefined])[] = [
  ['400 invalid_client', says(400, 'invalid_client'), 'invalid_client'],
  [
    '401 invalid_client with a challenge',
    says(401, 'invalid_client', { 'www-authenticate': 'Basic' }),
    'invalid_client',
  ],
  [
    '401 invalid_dpop_proof with a challenge',
    says(401, 'invalid_dpop_proof', challenge),
    'invalid_dpop_proof',
  ],
  ['400 invalid_client_metadata', says(400, 'invalid_client_metadata'), 'invalid_client_metadata'],
  ['500 server_error', says(500, 'server_error'), 'server_error'],
  ['400 with a page', { status: 400, headers: html, body: '<p>canary' }, undefined],
  ['502 with an empty page', { status: 502, headers: html, body: '' }, undefined],
  ['503 without a type', { status: 503, headers: nonce, body: 'canary' }, undefined],
  [
    '400 with a list',
    { status: 400, headers: { ...nonce, 'content-type': 'application/json' }, body: '["canary"]' },
    undefined,
  ],
  ['400 with an error that is no name', says(400, 'Canary! <b>'), undefined],
  ['400 with an endless error', says(400, 'x'.repeat(2_000)), undefined],
]

it.each(answers)(
  'EH-2 SF-6 tells of %s at PAR by status and name, and repeats no text',
  async (_, answer, name) => {
    await using network = await startScriptedNetwork()
    network.home.as.answer('/oauth/par', answer)
    const error = await refusalOf(createScriptedClient(network).start(alice.handle))
    const isDown = (answer.status ?? 0) >= 500
    expect(error).toMatchObject({
      code: isDown ? 'server_unavailable' : 'oauth_error',
      status: answer.status,
    })
    const told = isDown ? error.cause : error
    expect(told).toBeInstanceOf(OAuthResponseError)
    expect(told).toMatchObject({ status: answer.status, error: name })
    expect(error.message).not.toMatch(/canary|<|x{70}/i)
    expect(network.sent('/oauth/par')).toHaveLength(1)
  },
)

it('SF-6 hands the server’s own text to the application, cut after 500 characters, and in no message', async () => {
  await using network = await startScriptedNetwork()
  const error_description = `<b>${'x'.repeat(1_000)}`
  network.home.as.answer('/oauth/par', { status: 400, json: { error: 'invalid_request', error_description } })
  const error = await refusalOf(createScriptedClient(network).start(alice.handle))
  expect(error).toMatchObject({ errorDescription: error_description.slice(0, 500) })
  expect(error.message).not.toContain('<b>')
})

it.each<readonly [string, Readonly<Record<string, unknown>>, string | undefined, string]>([
  ['an object', { error: { code: 17, message: 'no metadata' } }, undefined, 'no metadata'],
  ['a list', { error: ['no metadata', 'at that address'] }, undefined, 'no metadata: at that address'],
  ['a list of objects', { error: [{ detail: { text: 'no metadata' } }] }, undefined, 'no metadata'],
  ['null', { error: null, message: 'no metadata' }, undefined, 'no metadata'],
  ['missing', { message: 'no metadata' }, undefined, 'no metadata'],
  [
    'a name, and the description an object',
    { error: 'invalid_client', error_description: { reason: 'no metadata' } },
    'invalid_client',
    'no metadata',
  ],
  [
    'a name, and the description empty',
    { error: 'invalid_client', error_description: '', message: 'no metadata' },
    'invalid_client',
    'no metadata',
  ],
  [
    'a sentence with other letters',
    { error: 'keine Metadaten für „x“' },
    undefined,
    'keine Metadaten für „x“',
  ],
  [
    'an object with many others in it',
    { error: { text: 'no metadata', more: Array(9_999).fill({}) } },
    undefined,
    'no metadata',
  ],
])('hands the server’s words to the application where its error is %s', async (_, json, error, words) => {
  await using network = await startScriptedNetwork()
  network.home.as.answer('/oauth/par', { status: 400, json })
  const refusal = await refusalOf(createScriptedClient(network).start(alice.handle))
  expect(refusal).toMatchObject({ error, errorDescription: words })
  expect(describeError(refusal)).toContain(`description=${JSON.stringify(words)}`)
})

it.each([
  ['400', 400, 'Failed to read the form:\n missing field `iss`'],
  ['422', 422, 'Failed to read the form: missing field `iss`'],
])('tells the plain text that a server answers %s with, in one line', async (_, status, body) => {
  await using network = await startScriptedNetwork()
  const headers = { 'content-type': 'text/plain; charset=utf-8' }
  network.home.as.answer('/oauth/par', { status, headers, body })
  const refusal = await refusalOf(createScriptedClient(network).start(alice.handle))
  const words = 'Failed to read the form: missing field `iss`'
  expect(refusal).toMatchObject({ code: 'oauth_error', error: undefined, errorDescription: words })
  network.home.as.restore('/oauth/par')
  const { session } = await signInWarm(network)
  network.home.pds.answer('/xrpc/com.example.echo', { status, headers, body })
  expect(await refusalOf(session.get('com.example.echo'))).toMatchObject({ errorMessage: words })
})

it('CK-10 redacts what a server quotes of what was sent to it', async () => {
  await using network = await startScriptedNetwork()
  network.home.as.answer('/oauth/par', ({ form }) => ({
    status: 400,
    json: { error: 'invalid_request', error_description: `The state ${form.get('state')} is odd.` },
  }))
  const error = await refusalOf(createScriptedClient(network).start(alice.handle))
  expect(error).toMatchObject({
    error: 'invalid_request',
    errorDescription: 'The state [redacted] is odd.',
  })
})

it.each(answers)('EH-2 RF-7 keeps the session after %s at a refresh', async (_, answer, name) => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.advance(HOUR_MS)
  network.home.as.answerOnce('/oauth/token', answer)
  const error = await refusalOf(call(session))
  expect(error).toMatchObject({ code: 'refresh_failed', cause: { status: answer.status, error: name } })
  expect(error.message).not.toMatch(/canary|</i)
  network.advance(5 * 60_000)
  expect(await call(session)).toBe(200)
})

it.each([400, 401])('EH-2 RF-6 ends the session after %i invalid_grant', async (status) => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.advance(HOUR_MS)
  network.home.as.answer('/oauth/token', says(status, 'invalid_grant'))
  expect(await refusalOf(call(session))).toMatchObject({ code: 'session_ended' })
  expect(tokenRequests(network, 'refresh_token')).toHaveLength(1)
})

it.each([400, 401])(
  'EH-3 TK-2 a code that was refused with %i invalid_grant is spent: the next sign-in starts anew',
  async (status) => {
    const { network, client, params } = await startApproved()
    await using _ = network
    network.home.as.answerOnce('/oauth/token', says(status, 'invalid_grant'))
    const error = await refusalOf(client.callback(params))
    expect(error).toMatchObject({ name: 'OAuthCallbackError', code: 'authorization_failed' })
    expect(error.cause).toMatchObject({ error: 'invalid_grant', status })
    expect(await refusalOf(client.callback(params))).toMatchObject({ code: 'state_unknown' })
    expect(tokenRequests(network, 'authorization_code')).toHaveLength(1)

    const { url } = await client.start(alice.handle)
    await client.callback(network.home.as.approve(url, alice.did).searchParams)
    const codes = tokenRequests(network, 'authorization_code').map(({ form }) => form.get('code'))
    expect(new Set(codes).size).toBe(2)
  },
)
