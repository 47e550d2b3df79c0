/** In a job for many accounts, an error of a call has to say whose server failed. */
import { expect, it } from 'vitest'
import { signInWarm } from '../../support/protocol/scripted-client.ts'
import { alice, type ScriptedNetwork, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { refusalOf } from '../../support/refusal.ts'

const NSID = 'com.example.echo'
const PATH = `/xrpc/${NSID}`
type Pds = ScriptedNetwork['home']['pds']

const failures: readonly (readonly [string, string, (pds: Pds) => void])[] = [
  ['a server that closes the connection', 'network_error', (pds) => pds.answer(PATH, { drop: true })],
  ['a slow server', 'timeout', (pds) => pds.answer(PATH, () => new Promise(() => undefined))],
  ['a refusal', 'xrpc_error', (pds) => pds.answer(PATH, { status: 400, json: { error: 'InvalidRequest' } })],
  [
    'a missing permission',
    'scope_missing',
    (pds) => pds.answer(PATH, { status: 403, json: { error: 'InsufficientScope' } }),
  ],
  [
    'a limit',
    'rate_limited',
    (pds) => pds.answer(PATH, { status: 429, json: { error: 'RateLimitExceeded' } }),
  ],
  [
    'malformed JSON',
    'invalid_response',
    (pds) => pds.answer(PATH, { headers: { 'content-type': 'application/json' }, body: '{' }),
  ],
]

it.each(failures)('the error of %s names the account (%s)', async (_, code, prepare) => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  prepare(network.home.pds)
  expect(await refusalOf(session.get(NSID, { timeoutMs: 1_000 }))).toMatchObject({ code, did: alice.did })
})
