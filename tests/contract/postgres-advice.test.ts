/** What an operator is told when PostgreSQL fails: by `doctor`, and by the error of the store while the application runs. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { checkStore } from '../../lib/cli/doctor/check-store.ts'
import { createPostgresStore, postgresSchema } from '../../lib/store/postgres/index.ts'
import { findFreePort } from '../support/network/free-port.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { refusalOf } from '../support/refusal.ts'

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres()
  await server.query(`CREATE ROLE strict LOGIN PASSWORD 'password-right'`)
  await server.query('CREATE ROLE outsider LOGIN')
  await server.query('CREATE ROLE encrypted LOGIN')
  await server.query('CREATE ROLE crowded LOGIN CONNECTION LIMIT 0')
  await server.query('CREATE ROLE hurried LOGIN')
  await server.query(`ALTER ROLE hurried SET statement_timeout = '100ms'`)
  const rules = [
    'host all strict 127.0.0.1/32 scram-sha-256',
    'hostssl all encrypted 127.0.0.1/32 trust',
    'host all encrypted 127.0.0.1/32 reject',
    'host all all 127.0.0.1/32 trust',
  ]
  const [{ hba_file: file } = {}] = await server.query('SHOW hba_file')
  await server.query(`COPY (SELECT unnest(ARRAY['${rules.join("','")}'])) TO '${file}'`)
  await server.query('SELECT pg_reload_conf()')
}, 300_000)
afterAll(() => server?.stop())

const run = (url: string, text: string) => server.queryIn(url, text)

/** A database with the table, which that role may use. */
async function prepared(user: string, password = ''): Promise<string> {
  const url = await server.createDatabase()
  await run(url, `${postgresSchema()}; GRANT SELECT, INSERT, UPDATE, DELETE ON atproto_auth TO ${user}`)
  return Object.assign(new URL(url), { username: user, password }).href
}

/** A database in which those statements were executed. */
async function changed(...statements: readonly string[]): Promise<string> {
  const url = await server.createDatabase()
  for (const statement of statements) await run(url, statement)
  return url
}

const nameOf = (url: string) => new URL(url).pathname.slice(1)

async function listeningAndSilent(): Promise<string> {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  onTestFinished(() => void silent.close())
  const address = silent.address()
  return `postgres://user-canary:password-canary@127.0.0.1:${typeof address === 'object' ? address?.port : 0}/db`
}

async function lockedTable(): Promise<string> {
  const url = await prepared('hurried')
  const other = new pg.Client({
    connectionString: Object.assign(new URL(url), { username: 'postgres' }).href,
  })
  await other.connect()
  onTestFinished(() => other.end())
  await other.query('BEGIN; LOCK TABLE atproto_auth')
  return url
}

/** A server that waits for its last client before it ends, and takes no other one. */
async function stopping(): Promise<string> {
  const url = await prepared('hurried')
  const last = new pg.Client({ connectionString: url })
  await last.connect()
  const [{ pid } = {}] = await server.query(
    `SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1) AS pid`,
  )
  onTestFinished(async () => {
    await last.end()
    await server.crash()
    await server.start()
  })
  process.kill(Number(pid), 'SIGTERM')
  await expect.poll(() => run(url, 'SELECT 1').catch((error) => error.code)).toBe('57P03')
  return url
}

/** A table of which the role `outsider` had all rights before that statement. */
async function afterChange(statement: string): Promise<string> {
  const url = await prepared('outsider')
  await run(url.replace('outsider', 'postgres'), statement)
  return url
}

interface Failure {
  readonly url: () => Promise<string>
  /** What happened. */
  readonly reason: RegExp
  /** What to do. */
  readonly fix: RegExp
}

const failures: Readonly<Record<string, Failure>> = {
  'nothing listens there': {
    url: async () => `postgres://user-canary:password-canary@127.0.0.1:${await findFreePort()}/db`,
    reason: /cannot be reached at 127\.0\.0\.1:\d+ \(ECONNREFUSED\)/,
    fix: /^Start PostgreSQL there, or correct host and port of the connection string\.$/,
  },
  'its name does not exist': {
    url: async () => 'postgres://user-canary:password-canary@postgres.invalid/db',
    reason: /cannot be reached at postgres\.invalid:5432 \((ENOTFOUND|EAI_AGAIN)\)/,
    fix: /name of the host|DNS of this machine/,
  },
  'it is silent': {
    url: listeningAndSilent,
    reason: /no answer in time from 127\.0\.0\.1:\d+\./,
    fix: /firewall/,
  },
  'it has no TLS': {
    url: async () => `${await prepared('hurried')}?sslmode=require`,
    reason: /offers no TLS/,
    fix: /sslmode/,
  },
  'it wants TLS': { url: () => prepared('encrypted'), reason: /does not let this user in/, fix: /TLS/ },
  'the password is wrong': {
    url: () => prepared('strict', 'password-canary'),
    reason: /refused the user or the password/,
    fix: /%40/,
  },
  'the password is missing': {
    url: () => prepared('strict'),
    reason: /asks for a password/,
    fix: /password to the connection string/,
  },
  'the role does not exist': {
    url: async () => server.url.replace('postgres@', 'unknown_canary:password-canary@'),
    reason: /does not let this user in: no such role/,
    fix: /user in the connection string/,
  },
  'the database does not exist': {
    url: async () => `${await prepared('strict', 'password-right')}_canary`,
    reason: /that database does not exist/,
    fix: /end of the connection string/,
  },
  'the table does not exist': {
    url: () => changed('SELECT 1'),
    reason: /table does not exist, or not in the schema/,
    fix: /"npx next-atproto-auth schema postgres".*migrate: true/,
  },
  'the role lacks a right': {
    url: () => afterChange('REVOKE UPDATE ON atproto_auth FROM outsider'),
    reason: /role lacks a right/,
    fix: /needs SELECT, INSERT, UPDATE and DELETE on the table "atproto_auth" and USAGE on its schema/,
  },
  'row-level security hides the rows from the role': {
    url: () => afterChange('ALTER TABLE atproto_auth ENABLE ROW LEVEL SECURITY'),
    reason: /role lacks a right/,
    fix: /with row-level security a policy for all rows/,
  },
  'the table is of an older release': {
    url: () => changed(postgresSchema(), 'ALTER TABLE atproto_auth DROP COLUMN writer'),
    reason: /lacks a column: it is of an older release/,
    fix: /"npx next-atproto-auth schema postgres".*remove the table/,
  },
  'the table is of a newer release that older ones cannot use': {
    url: () => changed(postgresSchema(), 'ALTER TABLE atproto_auth ADD COLUMN region text NOT NULL'),
    reason: /of a newer release/,
    fix: /^Update next-atproto-auth/,
  },
  'the table has lost its primary key': {
    url: () => changed(postgresSchema(), 'ALTER TABLE atproto_auth DROP CONSTRAINT atproto_auth_pkey'),
    reason: /not the one of this release \(42P10\)/,
    fix: /otherwise remove it/,
  },
  'it is a replica': {
    url: async () => {
      const url = await prepared('outsider')
      await server.query(`ALTER DATABASE ${nameOf(url)} SET default_transaction_read_only = on`)
      return url
    },
    reason: /read-only replica/,
    fix: /primary/,
  },
  'it has too many connections': {
    url: () => prepared('crowded'),
    reason: /no more connections/,
    fix: /pooler/,
  },
  'it is stopping': { url: stopping, reason: /starting or stopping/, fix: /in a moment/ },
  'a lock takes longer than its time limit': {
    url: lockedTable,
    reason: /cancelled the statement/,
    fix: /pg_stat_activity.*statement_timeout/,
  },
}

describe.each(Object.entries(failures))('a PostgreSQL where %s', (_, { url: prepare, reason, fix }) => {
  it('is told by doctor and by the error of the store: what happened, and what to do', async () => {
    const url = await prepare()
    const [finding] = await checkStore({ ATPROTO_DATABASE_URL: url }, '/nowhere')
    expect(finding).toMatchObject({
      check: 'store',
      level: 'fail',
      message: expect.stringMatching(reason),
      fix: expect.stringMatching(fix),
    })
    const advice = finding && 'fix' in finding ? finding.fix : ''
    // The advice is not said twice.
    expect(finding?.message).not.toContain(advice)
    const store = createPostgresStore({ url })
    onTestFinished(() => store.close())
    const error = await refusalOf(store.ping().then(() => store.set('key', 'value', 1_000)))
    expect(error).toMatchObject({ code: 'store_unavailable', message: expect.stringMatching(reason) })
    expect(error.message.endsWith(` ${advice}`)).toBe(true)
    for (const text of [JSON.stringify(finding), `${error.stack} ${error.cause}`])
      expect(text).not.toMatch(/canary|password-right/)
  })
})

it('a pool of the application that cannot connect: the error says where to', async () => {
  const port = await findFreePort()
  const pool = new pg.Pool({ host: '127.0.0.1', port, user: 'user-canary', password: 'password-canary' })
  onTestFinished(() => pool.end())
  const error = await refusalOf(createPostgresStore({ pool }).ping())
  expect(error.message).toContain(`it cannot be reached at 127.0.0.1:${port} (ECONNREFUSED)`)
  expect(`${error.stack} ${error.cause}`).not.toContain('canary')
})

it('a schema that does not exist, where the table was to be made: says that the schema has to be made first', async () => {
  const store = createPostgresStore({ url: await changed('SELECT 1'), schema: 'missing', migrate: true })
  onTestFinished(() => store.close())
  expect((await refusalOf(store.ping())).message).toMatch(/that schema does not exist\. Create it/)
})
