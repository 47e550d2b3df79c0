/** DPoP nonces (RFC 9449 §8, §9): one retry, each server's own nonce, the same body again. */
import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import {
  approveSignIn,
  call,
  createScriptedClient,
  signIn,
  signInWarm,
} from '../../support/protocol/scripted-client.ts'
import { alice, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import type { Answer } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'

const ECHO = '/xrpc/com.example.echo'
let counter = 0
const freshNonce = () => ({ 'dpop-nonce': `fresh-${++counter}` })
const wantsNonce = (status: number): Answer => ({
  status,
  json: { error: 'use_dpop_nonce', error_description: 'another one' },
  headers: freshNonce(),
})

it.each([400, 401])(
  'DP-9 repeats a request once when the authorization server asks for a nonce with %i',
  async (status) => {
    await using network = await startScriptedNetwork()
    const { as } = network.home
    as.answerOnce('/oauth/par', async (_, usual) => ({ ...(await usual()), status }))
    await createScriptedClient(network).start(alice.handle)
    const [first, second, ...more] = network.sent('/oauth/par').map(({ proof }) => proof?.claims)
    expect(first).not.toHaveProperty('nonce')
    expect(second?.nonce).toBe(as.nonces.current())
    expect(second?.jti).not.toBe(first?.jti)
    expect(more).toEqual([])
  },
)

it('DP-9 TK-2 repeats the code exchange for a nonce, with the same code', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  const params = await approveSignIn(network, client)
  network.home.as.nonces.rotate()
  await client.callback(params)
  const requests = network.sent('/oauth/token')
  expect(requests.map(({ form }) => form.get('code'))).toEqual([params.get('code'), params.get('code')])
})

it.each([
  ['the usual order', 'DPoP algs="ES256", error="use_dpop_nonce"'],
  ['the error first', 'DPoP error="use_dpop_nonce", algs="RS256 ES256"'],
  ['a lower-case scheme', 'dpop error="use_dpop_nonce"'],
  ['no quotes', 'DPoP error=use_dpop_nonce'],
  ['Bearer before it', 'Bearer realm="pds", DPoP error="use_dpop_nonce"'],
])('DP-9 DP-10 repeats a call once when the PDS asks for a nonce in %s', async (_, header) => {
  await using network = await startScriptedNetwork()
  const session = await signIn(network, createScriptedClient(network))
  network.home.pds.answerOnce('*', async (_request, usual) => {
    const answer = await usual()
    return { ...answer, headers: { ...answer.headers, 'www-authenticate': header } }
  })
  expect(await call(session, ECHO)).toBe(200)
  const [first, second, ...more] = network.sent(ECHO).map(({ proof }) => proof?.claims)
  expect(first).not.toHaveProperty('nonce')
  expect(second?.nonce).toBe(network.home.pds.nonces.current())
  expect(more).toEqual([])
})

it.each([
  ['/oauth/par', 400],
  ['/oauth/par', 401],
])(
  'DP-11 gives up at %s after two requests when every answer asks for a nonce with %i',
  async (path, status) => {
    await using network = await startScriptedNetwork()
    network.home.as.answer(path, () => wantsNonce(status))
    const error = await refusalOf(createScriptedClient(network).start(alice.handle))
    expect(error).toMatchObject({ code: 'oauth_error', error: 'use_dpop_nonce' })
    expect(network.sent(path)).toHaveLength(2)
  },
)

it('DP-11 gives up at the token endpoint after two requests, and the session of a refresh is kept', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  const before = network.sent('/oauth/token').length
  network.advance(3_600_000)
  network.home.as.answer('/oauth/token', () => wantsNonce(400))
  expect(await refusalOf(call(session))).toMatchObject({ code: 'refresh_failed' })
  expect(network.sent('/oauth/token').length - before).toBe(2)
  network.home.as.restore('/oauth/token')
  expect(await call(session)).toBe(200)
})

it('DP-11 hands the second refusal of the PDS to the caller, after two requests', async () => {
  await using network = await startScriptedNetwork()
  const session = await signIn(network, createScriptedClient(network))
  network.home.pds.answer('*', () => ({
    ...wantsNonce(401),
    headers: { ...freshNonce(), 'www-authenticate': 'DPoP error="use_dpop_nonce"' },
  }))
  expect(await call(session, ECHO)).toBe(401)
  expect(network.sent(ECHO)).toHaveLength(2)
  expect(network.sent('/oauth/token')).toHaveLength(1)
})

it.each([
  ['of 300 characters', 'n'.repeat(300)],
  ['with a quote', 'a"b'],
  ['with a space', 'a b'],
])('O10 does not use a nonce %s', async (_, bad) => {
  await using network = await startScriptedNetwork()
  network.home.as.answer('/oauth/par', { ...wantsNonce(400), headers: { 'dpop-nonce': bad } })
  await refusalOf(createScriptedClient(network).start(alice.handle))
  expect(network.sent('/oauth/par').every(({ proof }) => proof?.claims.nonce === undefined)).toBe(true)
})

it('DP-8 takes the nonce of every answer and keeps each server’s apart', async () => {
  await using network = await startScriptedNetwork()
  const { as, pds } = network.home
  const { session } = await signInWarm(network)
  for (const status of [200, 404, 500]) {
    const headers = freshNonce()
    pds.answerOnce('*', { status, headers, body: 'x' })
    await call(session, ECHO)
    pds.answerOnce('*', { body: 'x' })
    await call(session, ECHO)
    expect(network.sent(ECHO).at(-1)?.proof?.claims.nonce).toBe(headers['dpop-nonce'])
  }
  const sentTo = (origin: string) =>
    network.requests.filter((request) => request.origin === origin).map(({ proof }) => proof?.claims.nonce)
  expect(sentTo(pds.origin)).not.toContain(as.nonces.current())
  expect(sentTo(as.origin)).not.toContain(pds.nonces.current())
})

it.each([
  ['bytes', 2, (bytes: Uint8Array<ArrayBuffer>) => bytes],
  ['a Blob', 2, (bytes: Uint8Array<ArrayBuffer>) => new Blob([bytes])],
  // It asks for the nonce before, by a request of its own: stream.test.ts.
  ['a stream', 1, (bytes: Uint8Array<ArrayBuffer>) => new Blob([bytes]).stream()],
])('DP-12 O11 sends 1 MB as %s to a PDS of unknown nonce whole, %i times', async (_, times, wrap) => {
  await using network = await startScriptedNetwork()
  const session = await signIn(network, createScriptedClient(network))
  const bytes = Uint8Array.from(randomBytes(1_000_000))
  const headers = { 'content-type': 'application/octet-stream' }
  const response = await session.fetchHandler(ECHO, { method: 'POST', headers, body: wrap(bytes) })
  expect(response.status).toBe(200)
  const bodies = network.sent(ECHO).map(({ body }) => body)
  expect(bodies).toHaveLength(times)
  expect(bodies.every((body) => body.equals(bytes))).toBe(true)
})

it('O10 keeps tokens and proofs of two users apart while 200 calls share one origin and its nonces change', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  const sessions = [await signIn(network, client), await signIn(network, client)]
  let answered = 0
  network.home.pds.answer('*', async (_, usual) => {
    const answer = await usual()
    if (++answered % 50 === 0) network.home.pds.nonces.rotate()
    return { ...answer, headers: { ...answer.headers, 'dpop-nonce': network.home.pds.nonces.current() } }
  })
  await Promise.all(
    Array.from({ length: 200 }, (_, index) => sessions[index % 2]?.fetchHandler(`${ECHO}?call=${index}`)),
  )
  const byCall = Map.groupBy(network.sent(ECHO), ({ target }) => target)
  expect(Math.max(...Array.from(byCall.values(), (requests) => requests.length))).toBeLessThanOrEqual(2)
  // The PDS compares the key of each proof with the key that the token is bound to.
  expect(network.violations).toEqual([])
})

it('O10 repeats with the nonce of its own answer although an older answer arrives at the same time', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.home.pds.nonces.rotate()
  const statuses = await Promise.all(Array.from({ length: 20 }, () => call(session, ECHO)))
  expect(new Set(statuses)).toEqual(new Set([200]))
})
