/** The keys by which an application counts and ends an account's sessions in its own database. */
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { createSecretRow } from '../../../lib/oauth/records/secret-row.ts'
import type { Store } from '../../../lib/store/contract.ts'
import { createPostgresStore, postgresSchema } from '../../../lib/store/postgres/index.ts'
import { SECRET } from '../../support/client.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { createNextApp } from '../../support/protocol/next-app.ts'
import { createScriptedClient, signIn } from '../../support/protocol/scripted-client.ts'
import {
  alice,
  bob,
  type ScriptedNetwork,
  startScriptedNetwork,
} from '../../support/protocol/scripted-network.ts'

const NEW_SECRET = 'Nw7-kTq2_vXm9.Lb4RwZ~p8HsYd3Jf6Gc'

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres()
}, 300_000)
afterAll(() => server?.stop())

interface Database {
  readonly store: Store
  /** The sessions under these keys, as the application's own SQL counts them. */
  count(keys: readonly string[]): Promise<number>
  /** How many the view has. */
  countAll(): Promise<number>
  /** Ends them by SQL. */
  end(keys: readonly string[]): Promise<unknown>
}

async function openDatabase(): Promise<Database> {
  const url = await server.createDatabase()
  await server.queryIn(url, postgresSchema())
  const store = createPostgresStore({ url })
  onTestFinished(() => store.close())
  const listed = 'SELECT session FROM atproto_auth_sessions WHERE account = ANY ($1)'
  return {
    store,
    count: async (keys) =>
      new Set((await server.queryIn(url, listed, [keys])).map(({ session }) => session)).size,
    countAll: async () => (await server.queryIn(url, 'SELECT session FROM atproto_auth_sessions')).length,
    end: (keys) =>
      server.queryIn(url, `DELETE FROM atproto_auth WHERE kind = 'value' AND key IN (${listed})`, [keys]),
  }
}

/** A network with two people who allow sign-ins, and a client on that store. */
async function start(store: Store, network: ScriptedNetwork) {
  const client = createScriptedClient(network, { store })
  const sessions = [await signIn(network, client), await signIn(network, client)]
  return { client, sessions }
}

it('list exactly the sessions of the account, and show nothing of it', async () => {
  await using network = await startScriptedNetwork()
  const { store, count } = await openDatabase()
  const { client, sessions } = await start(store, network)
  const keys = await client.accountKeys(alice.did)
  expect(keys).toHaveLength(1)
  expect(keys.join()).not.toContain(alice.did.slice('did:plc:'.length))
  expect(await count(keys)).toBe(2)
  expect(await count(await client.accountKeys(bob.did))).toBe(0)
  await client.revoke(alice.did, { sessionId: sessions[0]?.id ?? '' })
  expect(await count(keys)).toBe(1)
})

it('S7 rows that are deleted by SQL end their sessions at once, with no request, and a new sign-in works', async () => {
  await using network = await startScriptedNetwork()
  const { store, count, end } = await openDatabase()
  const { client, sessions } = await start(store, network)
  const keys = await client.accountKeys(alice.did)
  network.advance(3_600_000)
  const before = network.requests.length
  await end(keys)
  for (const { did, id } of sessions)
    await expect(client.restore(did, 'auto', { sessionId: id })).rejects.toMatchObject({
      code: 'session_ended',
    })
  // An object that was restored before.
  await expect(sessions[0]?.getTokenInfo(true)).rejects.toMatchObject({ code: 'session_ended' })
  expect(network.requests).toHaveLength(before)
  expect([await count(keys), await client.listSessions(alice.did)]).toEqual([0, []])
  await signIn(network, client)
  expect(await count(keys)).toBe(1)
})

it('are at hand in onSignIn; after the rows are gone, getSession gives none', async () => {
  await using network = await startScriptedNetwork()
  const { store, count, end } = await openDatabase()
  const saved = new Map<string, readonly string[]>()
  const app = createNextApp(network, {
    store,
    onSignIn: async ({ did }) => void saved.set(did, await app.auth.accountKeys(did)),
  })
  const visitor = app.visit()
  await visitor.signIn(alice)
  expect(await visitor.whoIsSignedIn()).toBe(alice.did)
  const keys = saved.get(alice.did) ?? []
  expect(await count(keys)).toBe(1)
  const before = network.requests.length
  await end(keys)
  expect(await visitor.whoIsSignedIn()).toBeUndefined()
  expect(network.requests).toHaveLength(before)
  await expect(app.auth.accountKeys('alice.test')).rejects.toBeInstanceOf(TypeError)
})

it('are two after a change of secrets, newest first, and both list what is theirs', async () => {
  await using network = await startScriptedNetwork()
  const { store, count, end } = await openDatabase()
  const { client } = await start(store, network)
  const [old = ''] = await client.accountKeys(alice.did)
  const changed = createScriptedClient(network, { store, secrets: [NEW_SECRET, SECRET] })
  const keys = await changed.accountKeys(alice.did)
  expect(keys).toEqual([expect.not.stringContaining(old), old])
  await signIn(network, changed)
  expect(await Promise.all([[old], keys.slice(0, 1), keys].map(count))).toEqual([2, 1, 3])
  await end(keys)
  expect(await changed.listSessions(alice.did)).toEqual([])
})

it('leave the row about the secret alone, which is no session', async () => {
  await using network = await startScriptedNetwork()
  const { store, count, countAll, end } = await openDatabase()
  const { client } = await start(store, network)
  const publicUrl = 'https://app.example.com'
  const row = createSecretRow({ store, secrets: [SECRET], publicUrl, now: Date.now })
  await row.write(180 * 24 * 60 * 60_000)
  const keys = await client.accountKeys(alice.did)
  expect([await countAll(), await count(keys), (await client.listSessions(alice.did)).length]).toEqual([
    2, 2, 2,
  ])
  await client.revoke(alice.did)
  await end(keys)
  expect([await countAll(), await row.read()]).toEqual([0, 'fresh'])
})
