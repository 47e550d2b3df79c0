/** O11, R7, DP-12: bodies that cannot be sent twice are sent once, and only when nothing is known to be missing. */
import type { OAuthSession } from 'next-atproto-auth/oauth'
import { expect, it } from 'vitest'
import {
  createScriptedClient,
  signIn,
  signInWarm,
  tokenRequests,
} from '../../support/protocol/scripted-client.ts'
import { type ScriptedNetwork, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { refusalOf } from '../../support/refusal.ts'

const UPLOAD = '/xrpc/com.atproto.repo.uploadBlob'
const PRIMER = '/xrpc/com.atproto.server.getSession'
const MIB = 1024 * 1024
const refused = { status: 401, headers: { 'www-authenticate': 'DPoP error="invalid_token"' } }

/** A stream of that many bytes, and what became of it. */
function source(size = 3 * MIB) {
  const seen = { sent: 0, cancelled: false }
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (seen.sent >= size) return controller.close()
        seen.sent += 65_536
        controller.enqueue(new Uint8Array(65_536).fill(120))
      },
      cancel() {
        seen.cancelled = true
      },
    },
    { highWaterMark: 0 },
  )
  return { stream, seen }
}

const upload = (session: OAuthSession, body: BodyInit, signal?: AbortSignal) =>
  session.fetchHandler(UPLOAD, { method: 'POST', body, ...(signal && { signal }) })
const sizes = (network: ScriptedNetwork) => network.sent(UPLOAD).map(({ body }) => body.byteLength)

it('O11 streams to a cold PDS after it has asked for a nonce by a small request, and writes once', async () => {
  await using network = await startScriptedNetwork()
  const session = await signIn(network, createScriptedClient(network))
  const { stream, seen } = source()
  const response = await upload(session, stream)
  expect(await response.json()).toMatchObject({ size: 3 * MIB })
  expect(seen).toEqual({ sent: 3 * MIB, cancelled: false })
  expect(sizes(network)).toEqual([3 * MIB])
  expect(network.sent(PRIMER)).toHaveLength(2)
  expect(network.violations).toEqual([])
})

it('O11 streams with no request before when the PDS has just taken the nonce', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  await upload(session, source().stream)
  await upload(session, source().stream)
  expect(sizes(network)).toEqual([3 * MIB, 3 * MIB])
  expect(network.sent(PRIMER)).toEqual([])
})

it('O11 asks anew when the nonce is a minute old', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.advance(60_000)
  network.home.pds.nonces.rotate()
  expect((await upload(session, source().stream)).status).toBe(200)
  expect(sizes(network)).toEqual([3 * MIB])
})

it('O11 DP-12 says retry_needed when the nonce changed all the same, and the next try works', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.home.pds.nonces.rotate()
  expect(await refusalOf(upload(session, source().stream))).toMatchObject({
    name: 'AtprotoAuthError',
    code: 'retry_needed',
    retryable: true,
    status: 401,
    endpoint: session.pds + UPLOAD,
  })
  expect(network.sent(UPLOAD)).toHaveLength(1)
  expect((await upload(session, source().stream)).status).toBe(200)
  expect(network.sent(UPLOAD)).toHaveLength(2)
})

it('O11 stops reading the stream when the PDS refuses before it has read it', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.home.pds.answerEarly(UPLOAD, refused)
  const { stream, seen } = source(500 * MIB)
  expect(await refusalOf(upload(session, stream))).toMatchObject({ code: 'retry_needed' })
  await expect.poll(() => seen.cancelled).toBe(true)
  expect(seen.sent).toBeLessThan(100 * MIB)
})

it('R7 renews a refused token for the next try, which the caller makes', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.home.pds.answerOnce(UPLOAD, refused)
  expect(await refusalOf(upload(session, source().stream))).toMatchObject({ code: 'retry_needed' })
  expect(network.sent(UPLOAD)).toHaveLength(1)
  expect(tokenRequests(network, 'refresh_token')).toHaveLength(1)
  expect((await upload(session, source().stream)).status).toBe(200)
})

it('R5 renews at most once a minute for a PDS that refuses the token for streams only', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.home.pds.answer(UPLOAD, refused)
  const codes: unknown[] = []
  for (let attempt = 0; attempt < 4; attempt += 1) {
    network.advance(10_000)
    codes.push(await refusalOf(upload(session, source().stream)))
  }
  expect(codes).toMatchObject([
    { code: 'retry_needed' },
    { code: 'token_rejected' },
    { code: 'token_rejected' },
    { code: 'token_rejected' },
  ])
  expect(tokenRequests(network, 'refresh_token')).toHaveLength(1)
})

it('R7 reads nothing of the stream when the session has ended, and cancels it', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.home.as.grants.revoke(network.home.as.grants.all.at(0)?.refreshToken ?? '')
  network.advance(60_000)
  const { stream, seen } = source()
  expect(await refusalOf(upload(session, stream))).toMatchObject({ code: 'session_ended' })
  expect(seen).toEqual({ sent: 0, cancelled: true })
  expect(network.sent(UPLOAD)).toEqual([])
})

it.each([
  ['has an address elsewhere', 'https://evil.dev/x', {}, { code: 'foreign_origin' }],
  ['has a method without a body', UPLOAD, { method: 'GET' }, { name: 'TypeError' }],
  ['was given up before', UPLOAD, { signal: AbortSignal.abort() }, { name: 'AbortError' }],
])('R7 reads nothing of the stream of a call that %s, and cancels it', async (_, path, init, error) => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  const { stream, seen } = source()
  const outcome = session.fetchHandler(path, { method: 'POST', ...init, body: stream })
  expect(await refusalOf(outcome)).toMatchObject(error)
  expect(seen).toEqual({ sent: 0, cancelled: true })
  expect(network.sent(UPLOAD)).toEqual([])
})

it('R7 cancels the stream when the PDS is down, and says what it would have said', async () => {
  await using network = await startScriptedNetwork()
  const session = await signIn(network, createScriptedClient(network))
  network.home.pds.answer('*', { drop: true })
  const { stream, seen } = source()
  expect(await refusalOf(upload(session, stream))).toMatchObject({ code: 'network_error' })
  expect(seen).toEqual({ sent: 0, cancelled: true })
})

it('says what went wrong with a call, not that its stream is in use or broken too', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  const { stream } = source()
  const reader = stream.getReader()
  const broken = new ReadableStream({ start: (controller) => controller.error(new Error('broken')) })
  for (const body of [stream, broken]) {
    const outcome = session.fetchHandler('https://evil.dev/x', { method: 'POST', body })
    expect(await refusalOf(outcome)).toMatchObject({ code: 'foreign_origin' })
  }
  reader.releaseLock()
})

it('SF-3 cancels the stream when the caller gives up, with the caller’s reason', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  const { stream, seen } = source(500 * MIB)
  const controller = new AbortController()
  const outcome = refusalOf(upload(session, stream, controller.signal))
  await expect.poll(() => seen.sent).toBeGreaterThan(0)
  const reason = new Error('the caller left')
  controller.abort(reason)
  expect(await outcome).toBe(reason)
  await expect.poll(() => seen.cancelled).toBe(true)
})

it.each([
  ['a Blob', () => new Blob(['x'.repeat(3 * MIB)], { type: 'video/mp4' })],
  ['bytes', () => new Uint8Array(3 * MIB)],
  ['text', () => 'x'.repeat(3 * MIB)],
])('DP-12 sends %s of 3 MB again, whole, for another nonce and another token', async (_, create) => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.home.pds.answerOnce(UPLOAD, refused)
  network.home.pds.nonces.rotate()
  expect((await upload(session, create())).status).toBe(200)
  const all = network.sent(UPLOAD)
  expect(all.length).toBeGreaterThan(1)
  expect(new Set(all.map(({ body }) => body.byteLength))).toEqual(new Set([3 * MIB]))
  expect(new Set(all.map(({ headers }) => headers['content-length']))).toEqual(new Set([String(3 * MIB)]))
  expect(new Set(all.map(({ headers }) => headers['content-type'])).size).toBe(1)
})

it('DP-12 sends a large form again, whole', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.home.pds.answerOnce(UPLOAD, refused)
  const form = new FormData()
  form.set('file', new Blob(['x'.repeat(3 * MIB)]))
  expect((await upload(session, form)).status).toBe(200)
  for (const { body, headers } of network.sent(UPLOAD)) {
    const response = new Response(new Uint8Array(body), {
      headers: { 'content-type': headers['content-type'] ?? '' },
    })
    expect((await response.formData()).get('file')).toMatchObject({ size: 3 * MIB })
  }
})
