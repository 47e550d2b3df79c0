/** Answers to a refresh that are read as none, although the server has renewed the tokens. */
import { expect, it } from 'vitest'
import { call, startExpired, tokenRequests } from '../../support/protocol/scripted-client.ts'
import { alice } from '../../support/protocol/scripted-network.ts'
import { alter, type Script } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'

const TOKEN = '/oauth/token'
const HOUR_MS = 3_600_000
const altered =
  (changes: Readonly<Record<string, unknown>>): Script =>
  async (_, usual) =>
    alter(await usual(), changes)

const unreadable: readonly (readonly [string, Script])[] = [
  [
    'is not labelled JSON',
    async (_, usual) => {
      const { json, headers } = await usual()
      return { headers: { ...headers, 'content-type': 'text/plain' }, body: JSON.stringify(json) }
    },
  ],
  ['has an access token of more than 8,192 characters', altered({ access_token: 'a'.repeat(8_193) })],
  ['has an access token that is no token68', altered({ access_token: 'a|b' })],
]
it.each(unreadable)(
  'RF-4 O7 loses the pair of an answer that %s, and keeps the session',
  async (_, script) => {
    const { network, session, restore } = await startExpired()
    await using _network = network
    network.home.as.answerOnce(TOKEN, script)
    expect(await refusalOf(call(session))).toMatchObject({
      code: 'refresh_failed',
      cause: { code: 'token_response_invalid' },
    })
    expect((await restore()).did).toBe(alice.did)
    expect(network.home.as.grants.counts.rotations).toBe(1)
  },
)

it('RF-4 O7 takes a refresh token that is no token68 for none, and keeps the old one', async () => {
  const { network, session } = await startExpired()
  await using _ = network
  network.home.as.answerOnce(TOKEN, altered({ refresh_token: 'a|b' }))
  expect(await call(session)).toBe(200)
  network.advance(HOUR_MS)
  await refusalOf(call(session))
  const sent = tokenRequests(network, 'refresh_token').map(({ form }) => form.get('refresh_token'))
  expect([sent.length, new Set(sent).size]).toEqual([2, 1])
})
