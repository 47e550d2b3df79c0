/**
 * Access tokens that a PDS refuses by a name in the body and no challenge. The same names speak of other tokens too,
 * and then nothing is refreshed or repeated.
 */
import { type OAuthSession, XrpcError } from 'next-atproto-auth/oauth'
import { expect, it } from 'vitest'
import { call, signInWarm, tokenRequests } from '../../support/protocol/scripted-client.ts'
import { type ScriptedNetwork, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import type { Answer } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'

const CREATE = '/xrpc/com.atproto.repo.createRecord'
const MINUTE_MS = 60_000
const refuses = (error: string, status = 400, message = 'refused'): Answer => ({
  status,
  json: { error, message },
})
const body = JSON.stringify({ collection: 'app.bsky.feed.post' })
const post = (session: OAuthSession, path: string, headers: Record<string, string> = {}) =>
  session.fetchHandler(path, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  })
const refreshes = (network: ScriptedNetwork) => tokenRequests(network, 'refresh_token').length

it.each([
  ['ExpiredToken', 400],
  ['ExpiredToken', 401],
  ['InvalidToken', 400],
  ['InvalidToken', 401],
])('refreshes once for %s with %i, and repeats the write once', async (error, status) => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.home.pds.answerOnce(CREATE, refuses(error, status))
  expect((await post(session, CREATE)).status).toBe(200)
  expect(refreshes(network)).toBe(1)
  const [first, second, ...more] = network.sent(CREATE)
  expect(second?.body.equals(first?.body ?? Buffer.of())).toBe(true)
  expect(second?.accessToken).not.toBe(first?.accessToken)
  expect(more).toEqual([])
})

it.each(['ExpiredToken', 'InvalidToken'])(
  'hands over the server’s own answer when it says %s of the new token too',
  async (error) => {
    await using network = await startScriptedNetwork()
    const { session } = await signInWarm(network)
    network.home.pds.answer(CREATE, refuses(error, 400, 'the words of the server'))
    const response = await post(session, CREATE)
    expect([response.status, await response.json()]).toEqual([
      400,
      { error, message: 'the words of the server' },
    ])
    expect([network.sent(CREATE).length, refreshes(network)]).toEqual([2, 1])
  },
)

it('throws the server’s own error from get and post, not that of a refused token', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.home.pds.answer('/xrpc/com.example.echo', refuses('InvalidToken', 401))
  const error = await refusalOf(session.get('com.example.echo'))
  expect(error).toBeInstanceOf(XrpcError)
  expect(error).toMatchObject({ code: 'xrpc_error', error: 'InvalidToken', status: 401 })
})

it('refreshes for InvalidToken once in a minute', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.home.pds.answer(CREATE, refuses('InvalidToken'))
  for (let second = 0; second < 5; second += 1) {
    expect((await post(session, CREATE)).status).toBe(400)
    network.advance(1_000)
  }
  expect(refreshes(network)).toBe(1)
  network.advance(MINUTE_MS)
  await post(session, CREATE)
  expect(refreshes(network)).toBe(2)
})

it('keeps the session, whatever the PDS says of its token', async () => {
  await using network = await startScriptedNetwork()
  const { client, session } = await signInWarm(network)
  network.home.pds.answer(CREATE, refuses('ExpiredToken', 401))
  for (let minute = 0; minute < 5; minute += 1) {
    await post(session, CREATE)
    network.advance(MINUTE_MS)
  }
  expect(await client.describeSession(session.id)).toMatchObject({ isActive: true })
  expect(await call(session)).toBe(200)
})

const ofOtherTokens = [
  ...[
    'com.atproto.server.confirmEmail',
    'com.atproto.server.updateEmail',
    'com.atproto.server.resetPassword',
  ],
  ...['com.atproto.server.deleteAccount', 'com.atproto.server.getServiceAuth'],
  'com.atproto.identity.signPlcOperation',
]
const both = ['ExpiredToken', 'InvalidToken']

it.each(ofOtherTokens.flatMap((nsid) => both.map((error) => [nsid, error] as const)))(
  'leaves an e-mail or service token alone: %s is answered with %s',
  async (nsid, error) => {
    await using network = await startScriptedNetwork()
    const { session } = await signInWarm(network)
    network.home.pds.answer(`/xrpc/${nsid}`, refuses(error))
    expect((await post(session, `/xrpc/${nsid}`)).status).toBe(400)
    expect([network.sent(`/xrpc/${nsid}`).length, refreshes(network)]).toEqual([1, 0])
  },
)

it.each(both)('leaves the token of a proxied service alone: %s', async (error) => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.home.pds.answer(CREATE, refuses(error, 401))
  await post(session, CREATE, { 'atproto-proxy': 'did:web:api.example.com#appview' })
  const proxied = session.withProxy('did:web:api.example.com#appview')
  await refusalOf(
    proxied.post('com.atproto.repo.createRecord', { body: { collection: 'app.bsky.feed.post' } }),
  )
  expect([network.sent(CREATE).length, refreshes(network)]).toEqual([2, 0])
})

const noReasons: readonly (readonly [string, Answer])[] = [
  ['InvalidToken: Bad token method', refuses('InvalidToken', 400, 'Bad token method')],
  ['InvalidToken: Bad token scope', refuses('InvalidToken', 400, 'Bad token scope')],
  ['InvalidToken with 403', refuses('InvalidToken', 403)],
  ['ExpiredToken with 403', refuses('ExpiredToken', 403)],
  ['ExpiredToken with 500', refuses('ExpiredToken', 500)],
  ['ExpiredToken with 200', refuses('ExpiredToken', 200)],
  ['AuthRequired', refuses('AuthRequired', 401)],
  ['the name in the message only', refuses('InvalidRequest', 400, 'ExpiredToken')],
  ['a page', { status: 400, headers: { 'content-type': 'text/html' }, body: '<p>ExpiredToken' }],
  ['a list', { status: 400, headers: { 'content-type': 'application/json' }, body: '["ExpiredToken"]' }],
]

it.each(noReasons)('neither refreshes nor repeats for %s', async (_, answer) => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.home.pds.answer(CREATE, answer)
  const response = await post(session, CREATE)
  expect(response.status).toBe(answer.status)
  expect(await response.text()).toBe(answer.body ?? JSON.stringify(answer.json))
  expect([network.sent(CREATE).length, refreshes(network)]).toEqual([1, 0])
})
