/** Compressed answers of a PDS, as the callers of a session see them. */
import { randomBytes } from 'node:crypto'
import { brotliCompressSync, constants, gzipSync, zstdCompressSync } from 'node:zlib'
import { passThrough } from 'next-atproto-auth/oauth'
import { expect, it } from 'vitest'
import { signInWarm } from '../../support/protocol/scripted-client.ts'
import { startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import type { RecordedRequest } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'

const NSID = 'com.example.echo'
const ECHO = `/xrpc/${NSID}`
const feed = { feed: Array.from({ length: 50 }, (_, n) => ({ n, text: 'words '.repeat(20) })) }
const params = { [constants.BROTLI_PARAM_QUALITY]: 1 }
const encoders = {
  zstd: zstdCompressSync,
  br: (body: string | Uint8Array) => brotliCompressSync(body, { params }),
  gzip: gzipSync,
}

/** Answers in the first coding of ours that the request names, as a server with a preference of its own does. */
function compressed(body: string | Uint8Array, type: string, prefer = Object.keys(encoders)) {
  return ({ headers }: RecordedRequest) => {
    const names = String(headers['accept-encoding']).split(', ')
    const [name, encode] =
      Object.entries(encoders).find(([one]) => names.includes(one) && prefer.includes(one)) ?? []
    if (!encode) return { headers: { 'content-type': type }, body: Buffer.from(body) }
    return { headers: { 'content-type': type, 'content-encoding': String(name) }, body: encode(body) }
  }
}

it.each(Object.keys(encoders))('session.get returns what a PDS has sent in %s', async (encoding) => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.home.pds.answer(ECHO, compressed(JSON.stringify(feed), 'application/json', [encoding]))
  const { data, headers } = await session.get(NSID)
  expect(data).toEqual(feed)
  expect(headers.get('content-encoding')).toBeNull()
})

it('maxBytes counts what is decoded, so that a small body cannot fill the memory', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  for (const encoding of Object.keys(encoders)) {
    network.home.pds.answer(
      ECHO,
      compressed(Buffer.alloc(17_000_000), 'application/octet-stream', [encoding]),
    )
    for (const options of [{}, { maxBytes: 1_000 }])
      expect(await refusalOf(session.get(NSID, options))).toMatchObject({ code: 'response_too_large' })
  }
})

it('an error that came compressed has its words', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  const answer = compressed('{"error":"InvalidRequest","message":"no such thing"}', 'application/json')
  network.home.pds.answer(ECHO, (request) => ({ ...answer(request), status: 400 }))
  expect(await refusalOf(session.get(NSID))).toMatchObject({ status: 400, error: 'InvalidRequest' })
})

it('an answer that is cut off is an error, not half a result', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.home.pds.answer(ECHO, (request) => {
    const answer = compressed(JSON.stringify(feed), 'application/json')(request)
    return { ...answer, body: answer.body.subarray(0, -20) }
  })
  expect(await refusalOf(session.get(NSID))).toMatchObject({ code: 'invalid_response' })
})

it('an encoding that nobody asked for is named in the error', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.home.pds.answer(ECHO, {
    headers: { 'content-type': 'application/json', 'content-encoding': 'compress' },
    body: Buffer.from('1f9d9078c2f0', 'hex'),
  })
  expect(await refusalOf(session.get(NSID))).toMatchObject({
    code: 'invalid_response',
    message: `${session.pds}${ECHO} answered with content encoding "compress", which could not be decoded.`,
  })
})

it('a blob is streamed, and is what was uploaded', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  const blob = randomBytes(3_000_000)
  network.home.pds.answer('/xrpc/com.atproto.sync.getBlob', compressed(blob, 'video/mp4'))
  const response = await session.fetchHandler('/xrpc/com.atproto.sync.getBlob?did=did:plc:x&cid=y')
  const received: Uint8Array[] = []
  for await (const chunk of response.body ?? []) received.push(chunk)
  expect(Buffer.concat(received).equals(blob)).toBe(true)
  expect(received.length).toBeGreaterThan(1)
})

const own = { 'sec-fetch-site': 'same-origin', 'accept-encoding': 'gzip, deflate, br, zstd' }
const incoming = (headers = {}) =>
  new Request(`https://app.example.com/api${ECHO}`, { headers: { ...own, ...headers } })
const allow = { [NSID]: 'GET' } as const

it('passThrough gives a browser the decoded answer, which it does not decode once more', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.home.pds.answer(ECHO, compressed(JSON.stringify(feed), 'application/json'))
  const response = await passThrough(session, NSID, incoming(), { allow })
  expect(['content-encoding', 'content-length'].map((name) => response.headers.get(name))).toEqual([
    null,
    null,
  ])
  expect(await response.json()).toEqual(feed)
  expect(network.sent(ECHO)[0]?.headers['accept-encoding']).toBe('zstd, br, gzip')
})

it('passThrough asks for a range of the body itself', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.home.pds.answer(ECHO, (request) => {
    const headers = { 'content-range': 'bytes 0-3/1000' }
    return { ...compressed('part', 'video/mp4')(request), headers, status: 206 }
  })
  const response = await passThrough(session, NSID, incoming({ range: 'bytes=0-3' }), { allow })
  expect(network.sent(ECHO)[0]?.headers['accept-encoding']).toBe('identity')
  expect([response.status, response.headers.get('content-range'), await response.text()]).toEqual([
    206,
    'bytes 0-3/1000',
    'part',
  ])
})

it('passThrough does not hand on a body whose encoding it would have to name', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  for (const [status, encoding] of [
    [200, 'compress'],
    [200, 'gzip, gzip'],
    [206, 'gzip'],
  ] as const) {
    const headers = { 'content-type': 'application/json', 'content-encoding': encoding }
    network.home.pds.answer(ECHO, { status, headers, body: gzipSync('{}') })
    expect((await passThrough(session, NSID, incoming(), { allow })).status).toBe(502)
  }
})
