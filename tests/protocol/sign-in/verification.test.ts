/** The account is verified beside the code exchange: in whatever order answers come and fail, the outcome is one. */
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSharedStore, DOCUMENT, inRounds, RESOURCE, TOKEN } from '../../support/protocol/rounds.ts'
import {
  approveSignIn,
  call,
  createScriptedClient,
  signInWarm,
} from '../../support/protocol/scripted-client.ts'
import {
  alice,
  bob,
  didDocument,
  type ScriptedNetwork,
  startScriptedNetwork,
} from '../../support/protocol/scripted-network.ts'
import { type Answer, alter, createGate, type Script } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'

const unhandled: unknown[] = []
const note = (reason: unknown) => void unhandled.push(reason)
beforeAll(() => void process.on('unhandledRejection', note))
afterAll(() => void process.off('unhandledRejection', note))

/** What was asked for at the callback, and who answers it. */
const steps = [TOKEN, DOCUMENT, RESOURCE] as const
type Step = (typeof steps)[number]
type Fault = Partial<
  Record<Step, (network: ScriptedNetwork, usual: () => Promise<Answer>) => Answer | Promise<Answer>>
>

function serverOf(step: Step, { home, plc }: ScriptedNetwork) {
  if (step === TOKEN) return home.as
  return step === RESOURCE ? home.pds : plc
}

/** Lets the three answer as the fault says, `late` not before the two others have. */
function script(network: ScriptedNetwork, fault: Fault, late: Step): void {
  const gate = createGate()
  let answered = 0
  for (const step of steps) {
    const answer: Script = async (_, usual) => {
      if (step === late) await gate.pass()
      const result = await (fault[step]?.(network, usual) ?? usual())
      answered += 1
      if (answered === steps.length - 1) gate.open()
      return result
    }
    serverOf(step, network).answer(step, answer)
  }
}

const elsewhere = { resource: '', authorization_servers: ['https://as.elsewhere.dev'] }
interface Case {
  readonly code: string
  readonly fault: Fault
  /** How many grants the server gave and ended. */
  readonly revoked: number
}
const down = () => ({ status: 503 })
const cases: Readonly<Record<string, Case>> = {
  'the document cannot be had': { code: 'server_unavailable', fault: { [DOCUMENT]: down }, revoked: 1 },
  'the directory cuts the connection': {
    code: 'server_unavailable',
    fault: { [DOCUMENT]: () => ({ drop: true }) },
    revoked: 1,
  },
  'the account is gone': {
    code: 'identity_not_found',
    fault: { [DOCUMENT]: () => ({ status: 410, json: {} }) },
    revoked: 1,
  },
  'the document is another account’s': {
    code: 'identity_not_found',
    fault: { [DOCUMENT]: ({ home }) => ({ json: didDocument(bob, home.pds.origin) }) },
    revoked: 1,
  },
  'the PDS cannot be reached': { code: 'server_unavailable', fault: { [RESOURCE]: down }, revoked: 1 },
  'the PDS cuts the connection': {
    code: 'server_unavailable',
    fault: { [RESOURCE]: () => ({ drop: true }) },
    revoked: 1,
  },
  'the PDS names another issuer': {
    code: 'issuer_mismatch',
    fault: { [RESOURCE]: ({ home }) => ({ json: { ...elsewhere, resource: home.pds.origin } }) },
    revoked: 1,
  },
  'the PDS has no metadata': {
    code: 'server_not_conforming',
    fault: { [RESOURCE]: () => ({ status: 404, body: '' }) },
    revoked: 1,
  },
  'the code is refused': {
    code: 'authorization_failed',
    fault: { [TOKEN]: () => ({ status: 400, json: { error: 'invalid_grant' } }) },
    revoked: 0,
  },
  'the connection of the exchange is cut': {
    code: 'network_error',
    fault: { [TOKEN]: () => ({ drop: true }) },
    revoked: 0,
  },
  'the tokens are another account’s (I2)': {
    code: 'account_mismatch',
    fault: { [TOKEN]: async (_, usual) => alter(await usual(), { sub: bob.did }) },
    revoked: 1,
  },
  'the tokens are another account’s and the directory is down': {
    code: 'account_mismatch',
    fault: { [TOKEN]: async (_, usual) => alter(await usual(), { sub: bob.did }), [DOCUMENT]: down },
    revoked: 1,
  },
  'everything fails': {
    code: 'authorization_failed',
    fault: {
      [TOKEN]: () => ({ status: 400, json: { error: 'invalid_grant' } }),
      [DOCUMENT]: down,
      [RESOURCE]: down,
    },
    revoked: 0,
  },
}

describe.each(Object.entries(cases))('a sign-in in which %s', (_, { code, fault, revoked }) => {
  it.each(steps)('TK-5 leaves no session and no live token, %s being answered last', async (late) => {
    await using network = await startScriptedNetwork()
    const shared = createSharedStore(network)
    const client = createScriptedClient(network, { store: shared.store })
    const params = await approveSignIn(network, client)
    script(network, fault, late)

    expect(await refusalOf(client.callback(params))).toMatchObject({ name: 'OAuthCallbackError', code })
    const { all, counts } = network.home.as.grants
    expect([counts.revocations, all.filter(({ alive }) => alive).length]).toEqual([revoked, 0])
    expect([...shared.keys].filter((key) => key.startsWith('session:'))).toEqual([])
    expect(network.sent(TOKEN)).toHaveLength(1)
    // One turn of the event loop, for a rejection that nobody handles to be reported.
    await pause(0)
    expect(unhandled).toEqual([])
  })
})

it('leaves no look-up to itself when the code is refused before it has ended', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  const params = await approveSignIn(network, client)
  const gate = createGate()
  const order: string[] = []
  network.home.as.answer(TOKEN, { status: 400, json: { error: 'invalid_grant' } })
  network.plc.answer(DOCUMENT, async (_, usual) => {
    await gate.pass()
    order.push('answered')
    return usual()
  })
  const refused = refusalOf(client.callback(params)).then(() => order.push('refused'))
  await gate.reached
  // Time for the refusal, if nobody waited for the document.
  await pause(100)
  gate.open()
  await refused
  expect(order).toEqual(['answered', 'refused'])
})

describe('an account that moves while its person signs in', () => {
  /** Alice has approved, and lives by now at a second PDS that names that issuer. */
  async function startMoved(issuerOf: (network: ScriptedNetwork) => string) {
    const network = await startScriptedNetwork()
    const other = await network.addHome()
    const client = createScriptedClient(network)
    const params = await approveSignIn(network, client)
    const json = { resource: other.pds.origin, authorization_servers: [issuerOf(network)] }
    network.move(alice, other.pds.origin)
    const stop = () => network[Symbol.asyncDispose]()
    return { network, other, client, params, json, [Symbol.asyncDispose]: stop }
  }

  it('is followed to another PDS of the same issuer, in the time of two requests', async () => {
    await using moved = await startMoved(({ home }) => home.as.origin)
    const { network, other, client, params, json } = moved
    other.pds.answer(RESOURCE, { json })
    const { session } = await inRounds(network, [[TOKEN, DOCUMENT, RESOURCE]], () => client.callback(params))
    expect(session.pds).toBe(other.pds.origin)
    expect(network.sent(RESOURCE, other.pds.origin)).toHaveLength(1)
  })

  it('is followed although the PDS it left does not answer any more', async () => {
    await using moved = await startMoved(({ home }) => home.as.origin)
    const { network, other, client, params, json } = moved
    other.pds.answer(RESOURCE, { json })
    const gate = createGate()
    network.home.pds.answer(RESOURCE, async (_, usual) => {
      await gate.pass()
      return usual()
    })
    const { session } = await client.callback(params)
    gate.open()
    expect(session.pds).toBe(other.pds.origin)
  })

  it('is not signed in by the issuer that it left, whose PDS still names it', async () => {
    await using moved = await startMoved(() => 'https://as.elsewhere.dev')
    const { network, other, client, params, json } = moved
    other.pds.answer(RESOURCE, { json })
    expect(await refusalOf(client.callback(params))).toMatchObject({ code: 'issuer_mismatch' })
    expect(network.home.as.grants.counts.revocations).toBe(1)
  })
})

describe('a session whose token has ended', () => {
  it('RF-5 sends its refresh token when document and PDS have both answered, not before', async () => {
    await using network = await startScriptedNetwork()
    const { session } = await signInWarm(network)
    network.advance(3_600_000)
    const gate = createGate()
    network.home.pds.answer(RESOURCE, async (_, usual) => {
      await gate.pass()
      return usual()
    })
    const calling = call(session)
    await gate.reached
    expect(network.sent(TOKEN)).toHaveLength(1)
    gate.open()
    expect(await calling).toBe(200)
  })

  it('I9 keeps its refresh token when the document names another home, whatever the old PDS says', async () => {
    await using network = await startScriptedNetwork()
    const { session } = await signInWarm(network)
    network.advance(3_600_000)
    network.move(alice, (await network.addHome()).pds.origin)
    expect(await refusalOf(call(session))).toMatchObject({ code: 'session_ended' })
    expect(network.sent(TOKEN)).toHaveLength(1)
  })
})
