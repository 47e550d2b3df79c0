/** The table of docs/connect.md does what its page says, on PostgreSQL. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'

const page = readFileSync(join(import.meta.dirname, '../../docs/connect.md'), 'utf8')
const [, sql = ''] = /^```sql\n(CREATE TABLE connections[\s\S]*?)^```$/m.exec(page) ?? []
const [create = '', ...named] = sql.split(/^-- (?=\w+Connection|connectionsOf)/m)
const statements = new Map(
  named.map((text) => [/^\w+/.exec(text)?.[0] ?? '', text.slice(text.indexOf('\n'))]),
)

const database = new PGlite()
beforeAll(() => database.exec(create))
beforeEach(() => database.exec('DELETE FROM connections'))
afterAll(() => database.close())

async function run(name: string, ...values: readonly string[]) {
  return (await database.query<Record<string, unknown>>(statements.get(name) ?? '', [...values])).rows
}

it('keeps one row for each account of a user, with the newest session', async () => {
  await run('saveConnection', 'ann', 'did:plc:alice', 'connection.1')
  await run('saveConnection', 'bea', 'did:plc:alice', 'connection.2')
  await run('saveConnection', 'ann', 'did:plc:alice', 'connection.3')
  const common = { id: expect.any(String), did: 'did:plc:alice', isEnded: false }
  expect(await run('connectionsOf', 'ann')).toEqual([{ ...common, userId: 'ann', sessionId: 'connection.3' }])
  expect(await run('connectionsOf', 'bea')).toEqual([{ ...common, userId: 'bea', sessionId: 'connection.2' }])
})

it('marks an ended connection, which a new one takes back, and not one that was connected again', async () => {
  await run('saveConnection', 'ann', 'did:plc:alice', 'connection.1')
  await run('endConnection', 'connection.1')
  expect(await run('connectionsOf', 'ann')).toMatchObject([{ isEnded: true }])
  await run('saveConnection', 'ann', 'did:plc:alice', 'connection.2')
  await run('endConnection', 'connection.1')
  expect(await run('connectionsOf', 'ann')).toMatchObject([{ isEnded: false, sessionId: 'connection.2' }])
})

it('removes one', async () => {
  await run('saveConnection', 'ann', 'did:plc:alice', 'connection.1')
  const [{ id } = { id: '' }] = await run('connectionsOf', 'ann')
  await run('removeConnection', String(id))
  expect(await run('connectionsOf', 'ann')).toEqual([])
})
