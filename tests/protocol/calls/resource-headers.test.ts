/** R3: which of a caller's headers reach the PDS; an application may forward those of its visitor's request. */
import type { OAuthSession } from 'next-atproto-auth/oauth'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { signInWarm } from '../../support/protocol/scripted-client.ts'
import { type ScriptedNetwork, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { refusalOf } from '../../support/refusal.ts'

const ECHO = '/xrpc/com.example.echo'
let network: ScriptedNetwork
let session: OAuthSession
let before: number
beforeAll(async () => {
  network = await startScriptedNetwork()
  session = (await signInWarm(network)).session
})
beforeEach(() => {
  before = network.requests.length
})
afterAll(() => network[Symbol.asyncDispose]())
const sent = () => network.requests.slice(before)
/** Who asks, what belongs to one connection, and what the proxies of hosts add: the PDS is not told of the visitor. */
const forbidden = `
  authorization: Bearer other
  AUTHORIZATION: DPoP other
  dpop: a.b.c
  DPoP: a.b.c
  cookie: __Host-session=secret
  proxy-authorization: Basic x
  host: evil.example
  origin: https://app.example.com
  referer: https://app.example.com/me
  connection: x-mark
  keep-alive: timeout=5
  te: trailers
  trailer: x-mark
  transfer-encoding: chunked
  upgrade: h2c
  expect: 100-continue
  via: 1.1 mark
  content-length: 3
  proxy-connection: mark
  forwarded: for=192.0.2.1
  x-forwarded-for: 192.0.2.1
  x-forwarded-host: mark
  x-forwarded-proto: mark
  x-real-ip: 192.0.2.1
  sec-fetch-site: mark
  sec-ch-ua: mark
  cf-connecting-ip: 192.0.2.1
  true-client-ip: 192.0.2.1
  x-client-ip: 192.0.2.1
  x-vercel-forwarded-for: 192.0.2.1
  x-original-forwarded-for: 192.0.2.1
`
  .trim()
  .split('\n')
  .map((line) => line.trim())

it.each(forbidden)('R3 does not pass on the header %s', async (line) => {
  const [name = '', value = ''] = line.split(': ')
  const usual = await session.fetchHandler(ECHO, { method: 'POST', body: 'hello' })
  const marked = await session.fetchHandler(ECHO, {
    method: 'POST',
    body: 'hello',
    headers: { [name]: value },
  })
  expect([usual.status, marked.status]).toEqual([200, 200])
  const [without, after] = sent().map(({ headers }) => ({ ...headers, dpop: '' }))
  expect(after).toEqual(without)
  expect(network.violations).toEqual([])
})

it('R3 drops the headers that a Connection header names', async () => {
  await session.fetchHandler(ECHO, { headers: { connection: 'close, X-Hop', 'x-hop': 'mark' } })
  expect(sent().at(0)?.headers).not.toHaveProperty('x-hop')
})

it('R3 passes on the headers of XRPC', async () => {
  const headers = {
    'atproto-proxy': 'did:web:api.bsky.app#bsky_appview',
    'atproto-accept-labelers': 'did:plc:x;redact',
    'accept-language': 'de',
    'content-type': 'application/json; charset=utf-8',
  }
  await session.fetchHandler(ECHO, { method: 'POST', headers, body: '{}' })
  expect(sent().at(0)?.headers).toMatchObject(headers)
})

it.each(['a\r\nx-evil: 1', 'a\nb', 'a\0b'])('R3 refuses the header value %j', async (value) => {
  expect(await refusalOf(session.fetchHandler(ECHO, { headers: { 'x-mark': value } }))).toBeInstanceOf(
    TypeError,
  )
  expect(sent()).toEqual([])
})
