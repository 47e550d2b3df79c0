import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { namesOf, postgresSchema } from '../../lib/store/postgres/schema.ts'
import { statementsFor } from '../../lib/store/postgres/statements.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'

const SESSIONS = 100_000
const HOUR_MS = 3_600_000
const names = namesOf({})
const sql = statementsFor(names)
const writer = 'writer'

/** Every statement, with values as a store gives them. */
const statements: Readonly<Record<keyof typeof sql, readonly unknown[]>> = {
  get: ['session:70000'],
  set: ['session:new', 'value', HOUR_MS, 0],
  take: ['session:70000', writer],
  delete: ['session:70000', writer, 3],
  wasRemoved: ['session:70000', writer],
  update: ['session:70000', 'value', 1, HOUR_MS, writer, 0],
  wasUpdated: ['session:70000', 1, writer],
  increment: ['sign-in:1', writer, HOUR_MS, 0],
  addMember: ['account:1', '70000', HOUR_MS, 0],
  removeMember: ['account:1', '70000'],
  members: ['account:1'],
  lease: ['session:70000', 'owner', HOUR_MS],
  release: ['session:70000', 'owner'],
  ping: [],
}

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres()
  await server.query(postgresSchema())
  const row = (kind: string, key: string, member: string) =>
    `SELECT '${kind}', ${key}, ${member}, repeat('x', 200), now() + (n % 1000 - 20) * interval '1 minute' FROM generate_series(1, ${SESSIONS}) n`
  for (const rows of [
    row('value', `'session:' || n`, `''`),
    row('member', `'account:' || n % 40000`, 'n::text'),
  ])
    await server.query(`INSERT INTO ${names.table} (kind, key, member, value, expires_at) ${rows}`)
  await server.query(`ANALYZE ${names.table}`)
}, 300_000)
afterAll(() => server?.stop())

/** How the database finds the rows of a statement: each node of its plan that reads the table. */
async function scansOf(text: string, values: readonly unknown[]): Promise<readonly string[]> {
  const [row] = await server.query(`EXPLAIN (FORMAT JSON) ${text}`, values)
  const scans: string[] = []
  JSON.stringify(row, (_, node) => {
    const type = node?.['Node Type']
    if (typeof type === 'string' && type.includes('Scan') && 'Relation Name' in node) scans.push(type)
    return node
  })
  return scans
}

describe(`with ${SESSIONS} sessions`, () => {
  it.each(Object.entries(statements))('%s reads no row that it does not need', async (name, values) => {
    const scans = await scansOf(sql[name as keyof typeof sql], values)
    expect(scans).not.toContain('Seq Scan')
  })

  it('one that has no index for it reads all of them, so that the test above can fail', async () => {
    expect(await scansOf(`SELECT 1 FROM ${names.table} WHERE writer = $1`, [writer])).toContain('Seq Scan')
  })

  it('an account’s sessions are counted through the index, and ended', async () => {
    const mine = `SELECT session FROM ${names.view} WHERE account = ANY ($1)`
    const accounts = ['account:39999', 'account:0']
    expect(await scansOf(mine, [accounts])).not.toContain('Seq Scan')
    const end = `DELETE FROM ${names.table} WHERE kind = 'value' AND key IN (${mine})`
    expect(await scansOf(end, [accounts])).not.toContain('Seq Scan')
    const before = (await server.query(mine, [accounts])).length
    expect(before).toBe(2)
    await server.query(end, [accounts])
    expect(await server.query(mine, [accounts])).toEqual([])
  })

  it('a write that removes a few expired rows reads no others, also where the database takes the table for empty', async () => {
    const table = `'${names.table}'::regclass`
    const [{ reltuples: known } = {}] = await server.query(
      `SELECT reltuples FROM pg_class WHERE oid = ${table}`,
    )
    const estimate = (rows: unknown) =>
      server.query(`UPDATE pg_class SET reltuples = ${rows} WHERE oid = ${table}`)
    // As after a burst, before statistics are gathered.
    await estimate(0)
    const scans = await scansOf(sql.set, statements.set)
    await estimate(known)
    expect(scans).toEqual(['Index Scan', 'Tid Scan'])
  })

  it('each write removes a few expired rows, and none that is still needed', async () => {
    const count = async (where: string) =>
      Number((await server.query(`SELECT count(*) FROM ${names.table} WHERE ${where}`))[0]?.count)
    const [expired, alive] = [await count('expires_at <= now()'), await count('expires_at > now()')]
    expect(expired).toBeGreaterThan(1_000)
    await server.query(sql.set, ['session:another', 'value', HOUR_MS, 0])
    expect(await count('expires_at > now()')).toBeGreaterThanOrEqual(alive - 100)
    expect(expired - (await count('expires_at <= now()'))).toBeLessThanOrEqual(8)
    for (let n = 0; n < 10; n += 1) await server.query(sql.increment, [`counter:${n}`, writer, HOUR_MS, 0])
    expect(await count(`expires_at <= now() - interval '10 minutes'`)).toBeLessThan(expired)
  })
  it('a write does not read past what was removed before, where an old transaction keeps that in the index', async () => {
    const old = new pg.Client(server.url)
    await old.connect()
    onTestFinished(() => old.end())
    await old.query(`BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM ${names.table}`)
    await server.query(`DELETE FROM ${names.table} WHERE expires_at <= now()`)
    const [{ swept } = {}] = await server.query(sql.set, ['session:another', 'value', HOUR_MS, 0])
    const readFrom = async (since: unknown) => {
      const values = ['session:another', 'value', HOUR_MS, since]
      const [row] = await server.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${sql.set}`, values)
      let pages = 0
      JSON.stringify(row, (_, node) => {
        if (node?.['Node Type'] === 'Index Scan')
          pages += node['Shared Hit Blocks'] + node['Shared Read Blocks']
        return node
      })
      return pages
    }
    expect(await readFrom(0)).toBeGreaterThan(100)
    expect(await readFrom(swept)).toBeLessThan(10)
  })
})
