/** Where the account lives is asked before its refresh token leaves; silence is not an answer, an answer is. */
import { expect, it } from 'vitest'
import { call, startExpired, tokenRequests } from '../../support/protocol/scripted-client.ts'
import { alice, bob, didDocument, type ScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import type { Answer } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'

const RESOURCE = '/.well-known/oauth-protected-resource'
const DAY_MS = 24 * 3_600_000

it('TK-5 I9 asks for a new sign-in when the account moved to another issuer, without a token request', async () => {
  const { network, session, restore } = await startExpired()
  await using _ = network
  network.move(alice, (await network.addHome()).pds.origin)
  const before = network.requests.length
  expect(await refusalOf(call(session))).toMatchObject({ code: 'session_ended' })
  expect(await refusalOf(restore())).toMatchObject({ code: 'session_ended' })
  const after = network.requests.slice(before)
  expect(after.filter(({ accessToken, method }) => accessToken || method === 'POST')).toEqual([])
})

it('I9 follows the account to another PDS of the same issuer', async () => {
  const { network, session } = await startExpired()
  await using _ = network
  const other = await network.addHome()
  other.pds.answer(RESOURCE, {
    json: { resource: other.pds.origin, authorization_servers: [network.home.as.origin] },
  })
  other.pds.answer('/xrpc/com.example.echo', { json: {} })
  network.move(alice, other.pds.origin)
  const before = network.sent('/xrpc/com.example.echo').length
  expect(await call(session, '/xrpc/com.example.echo')).toBe(200)
  expect(network.sent('/xrpc/com.example.echo')).toHaveLength(before + 1)
  expect(session.pds).toBe(other.pds.origin)
})

const silences: readonly [string, (network: ScriptedNetwork) => void, (network: ScriptedNetwork) => void][] =
  [
    [
      'the directory drops connections',
      ({ plc }) => plc.answer('*', { drop: true }),
      ({ plc }) => plc.restore('*'),
    ],
    ['the directory says 503', ({ plc }) => plc.answer('*', { status: 503 }), ({ plc }) => plc.restore('*')],
    [
      'the PDS says 502 for its metadata',
      ({ home }) => home.pds.answer(RESOURCE, { status: 502 }),
      ({ home }) => home.pds.restore(RESOURCE),
    ],
  ]
it.each(silences)(
  'RF-5 still renews within a day when %s, not later, and keeps the session',
  async (_, silence, end) => {
    const { network, session } = await startExpired()
    await using _network = network
    silence(network)
    expect(await call(session)).toBe(200)
    network.advance(DAY_MS)
    expect(await refusalOf(call(session))).toMatchObject({ code: 'refresh_failed', retryable: true })
    expect(tokenRequests(network, 'refresh_token')).toHaveLength(1)
    end(network)
    expect(await call(session)).toBe(200)
  },
)

const answers: readonly [string, (network: ScriptedNetwork) => Answer][] = [
  ['says that the account is gone', () => ({ status: 410, json: {} })],
  ['gives a document of somebody else', ({ home }) => ({ json: didDocument(bob, home.pds.origin) })],
  ['gives a document without a PDS', () => ({ json: { id: alice.did, service: [] } })],
]
it.each(answers)('RF-5 does not renew when the directory %s: that is an answer', async (_, answer) => {
  const { network, session } = await startExpired()
  await using _network = network
  network.plc.answer(`/${alice.did}`, answer(network))
  await refusalOf(call(session))
  expect(tokenRequests(network, 'refresh_token')).toEqual([])
  network.plc.restore(`/${alice.did}`)
  expect(await call(session)).toBe(200)
})
