/** Eighty scopes at a real PDS, which writes them into the access token: it has more than 8,192 characters. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { createSqliteStore } from '../../lib/store/sqlite.ts'
import { createScopedClient, restoreSession, signIn } from '../support/client.ts'
import { tempFolder } from '../support/contract/temp-folder.ts'
import { type LocalNetwork, startNetwork } from '../support/network/network.ts'

const collections = Array.from(
  { length: 80 },
  (_, at) => `com.example.a.company.with.a.long.name.and.many.kinds.of.records.number${at}`,
)
const SCOPE = ['atproto', ...collections.map((nsid) => `repo:${nsid}`)].join(' ')

let network: LocalNetwork
beforeAll(async () => {
  network = await startNetwork()
})
afterAll(() => network.stop())

it('RF-4 signs in, calls, refreshes and comes back with tokens of more than 8,192 characters', async () => {
  const path = join(tempFolder(), 'sessions.sqlite')
  const open = () => {
    const store = createSqliteStore({ path })
    onTestFinished(() => store.close())
    return store
  }
  const client = createScopedClient(network, SCOPE, { store: open() })
  const session = await signIn(client, network.accounts.alice)
  const { tokenSet } = await client.exportSession(session.did, { sessionId: session.id })
  expect(tokenSet.access_token.length).toBeGreaterThan(8_192)

  const write = (by: typeof session, at: number) =>
    by.post('com.atproto.repo.createRecord', {
      body: { repo: by.did, collection: collections[at], record: { $type: collections[at], at } },
    })
  await write(session, 0)
  await session.refresh()
  await write(session, 79)

  const other = createScopedClient(network, SCOPE, { store: open() })
  const restored = await restoreSession(other, session)
  expect(restored.scope.split(' ')).toHaveLength(81)
  await restored.refresh()
  await write(restored, 40)
})
