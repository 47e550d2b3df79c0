/**
 * A real PostgreSQL of its own for a test: on a free loopback port, with a temporary folder, gone afterwards; and a
 * PgBouncer in front of it. Neither runs as root: then they get the user that the package made for them.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, readdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { atTheEnd } from './at-the-end.ts'
import { findFreePort } from './network/free-port.ts'
import { makeTemporaryFolder } from './temporary-folder.ts'

type PostgresRows = readonly Record<string, unknown>[]

export interface PostgresServer {
  /** Of a superuser, and a database of its own. */
  readonly url: string
  readonly port: number
  /** What one statement returns, on a connection of its own. */
  query(text: string, values?: readonly unknown[]): Promise<PostgresRows>
  /** The same in that database. */
  queryIn(url: string, text: string, values?: readonly unknown[]): Promise<PostgresRows>
  /** A new empty database; its URL. */
  createDatabase(): Promise<string>
  /** Ends its connections, and removes it. */
  dropDatabase(url: string): Promise<void>
  /** Ends it at once, as a crash does: transactions under way are undone at the next start. */
  crash(): Promise<void>
  /** Starts it again on the same port, with what it had committed. */
  start(): Promise<void>
  /** Lets it fall silent without closing a connection. */
  freeze(): void
  /** Lets it go on. */
  thaw(): void
  /** Ends it and removes its folder. */
  stop(): Promise<void>
}

export interface PgBouncer {
  /** The URL of that database through the pooler, which gives each transaction whatever connection is free. */
  urlOf(database: string): string
  /** Ends it at once, with every connection, and starts it again on the same port. */
  restart(): Promise<void>
  stop(): Promise<void>
}

const READY_LIMIT_MS = 60_000
const running = new Set<ChildProcess>()
atTheEnd(() => {
  for (const child of running) child.kill('SIGQUIT')
})
const isRoot = process.getuid?.() === 0

/** @param settings as on its command line, such as `max_connections=5` */
export async function startPostgres(...settings: readonly string[]): Promise<PostgresServer> {
  const bin = findPostgres() ?? install('postgresql', findPostgres)
  const owner = unprivileged()
  const temporary = makeTemporaryFolder('atproto-auth-postgres')
  const folder = temporary.path
  if (owner) chownSync(folder, owner.uid, owner.gid)
  const data = join(folder, 'data')
  const port = await findFreePort()
  const options = { ...owner, cwd: folder, stdio: 'ignore' } as const
  const init = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']
  execFileSync(join(bin, 'initdb'), init, options)
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  let child: ChildProcess | undefined
  let databases = 0

  const end = async (signal: NodeJS.Signals) => {
    const ended = child
    child = undefined
    if (!ended) return
    running.delete(ended)
    if (ended.exitCode !== null || ended.signalCode !== null) return
    ended.kill('SIGCONT')
    ended.kill(signal)
    await once(ended, 'exit')
  }
  const query = (text: string, values?: readonly unknown[]) => queryIn(url, text, values)
  const start = async () => {
    // What is committed survives this process; that it survives the machine is not tested.
    const all = [
      `port=${port}`,
      'listen_addresses=127.0.0.1',
      `unix_socket_directories=${folder}`,
      'fsync=off',
    ]
    const args = ['-D', data, ...[...all, ...settings].flatMap((setting) => ['-c', setting])]
    child = spawn(join(bin, 'postgres'), args, options)
    running.add(child)
    await untilReady(child, () => query('SELECT 1'))
  }
  await start()
  return {
    url,
    port,
    query,
    queryIn,
    async createDatabase() {
      databases += 1
      const name = `test_${databases}`
      await query(`CREATE DATABASE ${name}`)
      return `postgres://postgres@127.0.0.1:${port}/${name}`
    },
    async dropDatabase(address) {
      await query(`DROP DATABASE ${new URL(address).pathname.slice(1)} WITH (FORCE)`)
    },
    crash: () => end('SIGQUIT'),
    start,
    freeze: () => void signalAll(child, 'SIGSTOP'),
    thaw: () => void signalAll(child, 'SIGCONT'),
    async stop() {
      await end('SIGQUIT')
      temporary.remove()
    },
  }
}

async function queryIn(
  connectionString: string,
  text: string,
  values: readonly unknown[] = [],
): Promise<PostgresRows> {
  const client = new pg.Client({ connectionString })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query(text, [...values])).rows
  } finally {
    await client.end()
  }
}

/** A PgBouncer in transaction mode in front of that server. */
export async function startPgBouncer({ port: serverPort }: PostgresServer): Promise<PgBouncer> {
  const program = findPgBouncer() ?? install('pgbouncer', findPgBouncer)
  const owner = unprivileged()
  const temporary = makeTemporaryFolder('atproto-auth-pgbouncer')
  const folder = temporary.path
  const port = await findFreePort()
  const config = join(folder, 'pgbouncer.ini')
  const lines = [
    ...['[databases]', `* = host=127.0.0.1 port=${serverPort}`, '[pgbouncer]', 'listen_addr = 127.0.0.1'],
    ...[`listen_port = ${port}`, 'unix_socket_dir =', 'auth_type = any', 'pool_mode = transaction'],
    // Fewer than the connections of its clients, so that each statement may get another one.
    ...['default_pool_size = 4', 'max_client_conn = 500'],
  ]
  // `any` lets everybody in, as the user that the server is asked for.
  writeFileSync(config, `${lines.join('\n').replace('* = host', '* = user=postgres host')}\n`)
  if (owner) for (const path of [folder, config]) chownSync(path, owner.uid, owner.gid)
  const urlOf = (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}`
  let child: ChildProcess | undefined
  const start = async () => {
    child = spawn(program, [config], { ...owner, cwd: folder, stdio: 'ignore' })
    running.add(child)
    await untilReady(child, () => queryIn(urlOf('postgres'), 'SELECT 1'))
  }
  const end = async () => {
    if (!child) return
    running.delete(child)
    if (child.exitCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  await start()
  return {
    urlOf,
    async restart() {
      await end()
      await start()
    },
    async stop() {
      await end()
      temporary.remove()
    },
  }
}

async function untilReady(child: ChildProcess, ask: () => Promise<unknown>): Promise<void> {
  const endsAt = Date.now() + READY_LIMIT_MS
  for (;;) {
    try {
      await ask()
      return
    } catch (error) {
      if (child.exitCode !== null)
        throw new Error(`The server ended at its start (${child.exitCode})`, { cause: error })
      if (Date.now() > endsAt) throw new Error('The server did not start', { cause: error })
      await pause(50)
    }
  }
}

/** The process and those that it has started, one for each connection. */
function signalAll(child: ChildProcess | undefined, signal: NodeJS.Signals): void {
  if (child?.pid === undefined) return
  const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(child.pid)], { encoding: 'utf8' })
  for (const pid of [child.pid, ...children.trim().split(/\s+/).map(Number)]) process.kill(pid, signal)
}

/** The user of the package, where the test runs as root: PostgreSQL refuses to run as root. */
function unprivileged(): { readonly uid: number; readonly gid: number } | undefined {
  if (!isRoot) return undefined
  const id = (option: string) => Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

function findPostgres(): string | undefined {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [...versions.map((version) => join(debian, version, 'bin')), ...foldersOfPath()]
  return folders.find((folder) => ['postgres', 'initdb'].every((name) => existsSync(join(folder, name))))
}

function findPgBouncer(): string | undefined {
  return [...foldersOfPath(), '/usr/sbin'].map((folder) => join(folder, 'pgbouncer')).find(existsSync)
}

function foldersOfPath(): readonly string[] {
  return (process.env.PATH ?? '').split(delimiter).filter(Boolean)
}

function install(name: string, find: () => string | undefined): string {
  const advice = `${name} was not found. Install it, e.g. with:  apt-get install ${name}`
  if (!isRoot) throw new Error(advice)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  // Several test files may come to this at once: the later ones wait for the first.
  const wait = ['-o', 'DPkg::Lock::Timeout=120', '-qq', '-y']
  try {
    execFileSync('apt-get', [...wait, 'update'], { stdio: 'ignore', env })
    execFileSync('apt-get', [...wait, 'install', '--no-install-recommends', name], { stdio: 'ignore', env })
  } catch (cause) {
    throw new Error(advice, { cause })
  }
  const found = find()
  if (found === undefined) throw new Error(advice)
  return found
}
