/** Answers to a refresh that are read as none, although the server has renewed the tokens. */
import { expect, it } from 'vitest'
import { call, startExpired, tokenRequests } from '../../support/protocol/scripted-client.ts'
import { alter, type Script } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'

const TOKEN = '/oauth/token'
const HOUR_MS = 3_600_000
const altered =
  (changes: Readonly<Record<string, unknown>>): Script =>
  async (_, usual) =>
    alter(await usual(), changes)

const asText =
  (type: string, around: (json: string) => string = (json) => json): Script =>
  async (_, usual) => {
    const { json, headers } = await usual()
    return { headers: { ...headers, 'content-type': type }, body: around(JSON.stringify(json)) }
  }
/** What is odd about an answer with rotated tokens. */
const odd: readonly (readonly [string, Script])[] = [
  ['is not labelled JSON', asText('text/plain')],
  ['has no type', asText('')],
  ['begins with a byte order mark', asText('application/json', (json) => `\ufeff${json}`)],
  ['has other bytes around the JSON', asText('text/html', (json) => `<pre>${json}</pre>`)],
  ['says its lifetime as text', altered({ expires_in: '3600' })],
  ['has a scope of 20,000 characters', altered({ scope: `atproto ${'x'.repeat(20_000)}` })],
]
it.each(odd)('RF-4 O7 keeps the pair of an answer that %s', async (_, script) => {
  const { network, session, restore } = await startExpired()
  await using _network = network
  network.home.as.answerOnce(TOKEN, script)
  expect(await call(session)).toBe(200)
  network.advance(HOUR_MS)
  expect(await call(await restore())).toBe(200)
  expect(network.home.as.grants.counts).toMatchObject({ rotations: 2, replays: 0 })
})

it.each([
  ['an access token of 8,193 characters', 'a'.repeat(8_193), 'r'],
  ['tokens of 28,000 characters', 'a'.repeat(28_000), 'r'.repeat(28_000)],
  ['an access token of 60,000 characters', 'a'.repeat(60_000), 'r'],
  ['tokens that are no token68', 'a|b"', 'r|t"'],
])('RF-4 O7 keeps %s and sends them as they are', async (_, access_token, refresh_token) => {
  const { network, session, restore } = await startExpired()
  await using _network = network
  network.home.as.answerOnce(TOKEN, altered({ access_token, refresh_token }))
  network.home.pds.answer('/xrpc/com.example.echo', ({ accessToken }) => ({
    json: { sent: accessToken === access_token },
  }))
  expect((await session.get('com.example.echo')).data).toEqual({ sent: true })
  const restored = await restore()
  expect((await restored.get('com.example.echo')).data).toEqual({ sent: true })
  network.advance(HOUR_MS)
  network.home.as.answer(TOKEN, altered({}))
  await refusalOf(call(restored))
  expect(tokenRequests(network, 'refresh_token').at(-1)?.form.get('refresh_token')).toBe(refresh_token)
})

it('RF-4 O7 takes a refresh token that no header can hold for none, and keeps the old one', async () => {
  const { network, session } = await startExpired()
  await using _ = network
  network.home.as.answerOnce(TOKEN, altered({ refresh_token: 'a b' }))
  expect(await call(session)).toBe(200)
  network.advance(HOUR_MS)
  await refusalOf(call(session))
  const sent = tokenRequests(network, 'refresh_token').map(({ form }) => form.get('refresh_token'))
  expect([sent.length, new Set(sent).size]).toEqual([2, 1])
})
