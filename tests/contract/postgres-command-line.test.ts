import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkStore } from '../../lib/cli/doctor/check-store.ts'
import { postgresSchema } from '../../lib/store/postgres/index.ts'
import type { PostgresTable } from '../../lib/store/postgres/schema.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { createTerminal } from '../support/unit/terminal.ts'

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres()
}, 300_000)
afterAll(() => server?.stop())

const run = (url: string, text: string) => server.queryIn(url, text)
async function examine(url: string, place: PostgresTable = {}) {
  const [finding] = await checkStore({ ATPROTO_DATABASE_URL: url }, '/nowhere', place)
  return finding
}
const withUser = (url: string, username: string) =>
  Object.assign(new URL(url), { username, password: 'password-canary' }).href

async function printSchema(...args: readonly string[]): Promise<string> {
  const terminal = createTerminal()
  expect(await terminal.run('schema', 'postgres', ...args)).toBe(0)
  return terminal.printed()
}

function psql(url: string, input: string): void {
  execFileSync('psql', [url, '-v', 'ON_ERROR_STOP=1', '-X', '-q'], { input, stdio: 'pipe' })
}

describe('what `schema postgres` prints', () => {
  it('goes to psql, and may go there again, also in one transaction with other migrations', async () => {
    const url = await server.createDatabase()
    const sql = await printSchema()
    psql(url, sql)
    psql(url, sql)
    psql(url, `BEGIN; CREATE TABLE users (id int);\n${sql}\nCOMMIT;`)
    expect(await examine(url)).toMatchObject({ level: 'ok' })
  })

  it('makes a table under another name in another schema', async () => {
    const url = await server.createDatabase()
    psql(url, `CREATE SCHEMA auth;\n${await printSchema('--schema', 'auth', '--table', 'people')}`)
    const tables = `SELECT table_schema || '.' || table_name AS name FROM information_schema.tables WHERE table_schema IN ('auth', 'public') ORDER BY 1`
    expect(await run(url, tables)).toEqual([{ name: 'auth.people' }, { name: 'auth.people_sessions' }])
    const place = { schema: 'auth', table: 'people' }
    expect(await examine(url, place)).toMatchObject({ level: 'ok' })
    expect(await examine(url)).toMatchObject({ level: 'fail' })
  })
})

describe('the rights that `schema postgres` names', () => {
  it.each([undefined, 'auth'])(
    'are all that the application and its own queries need (schema: %s)',
    async (schema) => {
      const url = await server.createDatabase()
      const sql = await printSchema(...(schema ? ['--schema', schema] : []))
      const grants = [...sql.matchAll(/^-- {3}(GRANT .*;)$/gm)].map(([, grant]) => grant)
      expect(grants).toHaveLength(schema ? 3 : 2)
      const before = `CREATE SCHEMA ${schema ?? 'other'}; DROP ROLE IF EXISTS app; CREATE ROLE app LOGIN;`
      psql(url, `${before}\n${sql}\n${grants.join('\n')}`)
      const asApp = withUser(url, 'app')
      expect(await checkStore({ ATPROTO_DATABASE_URL: asApp }, '/nowhere', { schema })).toMatchObject([
        { level: 'ok' },
      ])
      expect(await run(asApp, `SELECT * FROM ${schema ?? 'public'}.atproto_auth_sessions`)).toEqual([])
      await run(url, 'DROP OWNED BY app; DROP ROLE app')
    },
  )
})

describe('doctor with ATPROTO_DATABASE_URL', () => {
  it('finds a table that works, and leaves nothing that lasts in it', async () => {
    const url = await server.createDatabase()
    await run(url, postgresSchema())
    expect(await examine(url)).toEqual({
      check: 'store',
      level: 'ok',
      message: 'PostgreSQL stores and returns values correctly',
    })
    const left = `SELECT * FROM atproto_auth WHERE expires_at > now() + interval '1 minute' OR kind <> 'removed'`
    expect(await run(url, left)).toEqual([])
  })

  it('says that the table is missing, and makes none', async () => {
    const url = await server.createDatabase()
    expect(await examine(url)).toMatchObject({
      level: 'fail',
      message: expect.stringContaining('table does not exist'),
      fix: expect.stringContaining('"npx next-atproto-auth schema postgres"'),
    })
    expect(await run(url, `SELECT to_regclass('atproto_auth') AS oid`)).toEqual([{ oid: null }])
  })

  it('says which rights the role lacks', async () => {
    const url = await server.createDatabase()
    await run(
      url,
      `${postgresSchema()}; CREATE ROLE weak LOGIN; GRANT SELECT, INSERT ON atproto_auth TO weak`,
    )
    const finding = await examine(withUser(url, 'weak'))
    expect(finding).toMatchObject({ level: 'fail', fix: expect.stringContaining('UPDATE and DELETE') })
    expect(JSON.stringify(finding)).not.toContain('canary')
  })

  it.each([
    ['of another kind', async () => 'mysql://u:password-canary@host/db', /must be postgres:\/\//],
    ['that cannot be read', async () => 'password-canary', /must be postgres:\/\//],
  ])('says so of a server %s, without its password', async (_, url, message) => {
    const finding = await examine(await url())
    expect(finding).toMatchObject({
      check: 'store',
      level: 'fail',
      message: expect.stringMatching(message),
      fix: expect.stringContaining('postgres://user:password@host:port/database'),
    })
    expect(finding?.message.split('\n')).toHaveLength(1)
    expect(JSON.stringify(finding)).not.toContain('canary')
  })
})
