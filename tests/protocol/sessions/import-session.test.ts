/** Taking over what the official Node client has stored: what comes of it, and what is refused. */
import {
  generatePrivateJwk,
  importKeyset,
  type Keyset,
  type OAuthClient,
  type SessionUpdate,
} from 'next-atproto-auth/oauth'
import { expect, it } from 'vitest'
import { call, createScriptedClient, signIn } from '../../support/protocol/scripted-client.ts'
import { alice, type ScriptedNetwork, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { refusalOf } from '../../support/refusal.ts'

function listen(client: OAuthClient): SessionUpdate[] {
  const updated: SessionUpdate[] = []
  client.addEventListener('updated', (event) => updated.push(event.detail))
  return updated
}

/** A session of alice as that client would have stored it. */
async function storedElsewhere(network: ScriptedNetwork, keyset?: Keyset) {
  const client = createScriptedClient(network, keyset && { keyset })
  const updated = listen(client)
  await signIn(network, client)
  const [session] = updated
  if (!session) throw new Error('no session')
  const { dpopJwk, authMethod, tokenSet } = session
  return { dpopJwk: { ...dpopJwk }, authMethod, tokenSet: { ...tokenSet } }
}

async function confidential() {
  const keyset = await importKeyset(await generatePrivateJwk())
  return { keyset, network: await startScriptedNetwork({ jwks: { keys: [...keyset.publicJwks.keys] } }) }
}

it('takes a session over, which calls and renews itself, and tells of it', async () => {
  await using network = await startScriptedNetwork()
  const saved = await storedElsewhere(network)
  const client = createScriptedClient(network)
  const updated = listen(client)
  const session = await client.importSession(JSON.stringify(saved))
  expect(updated).toEqual([expect.objectContaining({ sub: alice.did, sessionId: session.id })])
  await session.refresh()
  expect(await call(session)).toBe(200)
  expect(network.violations).toEqual([])
})

it('TK-5 refuses a session of an account that has moved away: its old server does not act for it any more', async () => {
  await using network = await startScriptedNetwork()
  const saved = await storedElsewhere(network)
  network.move(alice, (await network.addHome()).pds.origin)
  const client = createScriptedClient(network)
  const updated = listen(client)
  expect(await refusalOf(client.importSession(saved))).toMatchObject({ code: 'session_ended' })
  expect([updated, await client.listSessions(alice.did)]).toEqual([[], []])
})

it('refuses a confidential client’s session where no client key is configured', async () => {
  const { keyset, network } = await confidential()
  await using _ = network
  const saved = await storedElsewhere(network, keyset)
  const client = createScriptedClient(network)
  expect(await refusalOf(client.importSession(saved))).toMatchObject({ code: 'configuration' })
  expect(await client.listSessions(alice.did)).toEqual([])
})

it('refuses a confidential client’s session where only another client key is configured', async () => {
  const { keyset, network } = await confidential()
  await using _ = network
  const saved = await storedElsewhere(network, keyset)
  const client = createScriptedClient(network, { keyset: await importKeyset(await generatePrivateJwk()) })
  expect(await refusalOf(client.importSession(saved))).toMatchObject({ code: 'configuration' })
})

it('refuses a session whose DPoP key has halves of two keys, and does not show them', async () => {
  await using network = await startScriptedNetwork()
  const saved = await storedElsewhere(network)
  const { d } = await generatePrivateJwk()
  const client = createScriptedClient(network)
  const error = await refusalOf(client.importSession({ ...saved, dpopJwk: { ...saved.dpopJwk, d } }))
  expect(error).toBeInstanceOf(TypeError)
  expect(error.message).toContain('not a session of the official Node client: dpopJwk is not as expected')
  expect(error.message).not.toContain(d)
  expect(await client.listSessions(alice.did)).toEqual([])
})
