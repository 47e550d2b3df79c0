/** Checks the store that the environment chooses, with the operations of a sign-in, and what it says of the secret. */
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { randomToken } from '../../crypto/derive.ts'
import { describeReason } from '../../error-reason.ts'
import { AtprotoAuthError } from '../../errors.ts'
import { chooseStore, type Environment, type StoreChoice } from '../../store/choose-store.ts'
import type { Store } from '../../store/contract.ts'
import { makeDataDirectory, STORE_FILE } from '../../store/data-directory.ts'
import { openStore, readEvictionPolicy } from '../../store/open-store.ts'
import { adviceIn } from '../../store/postgres/errors.ts'
import type { PostgresTable } from '../../store/postgres/schema.ts'
import { hintAboutOwnDatabase, STORE_VARIABLES } from '../../store/sqlite-place.ts'
import { type CheckedApplication, checkSecretUse } from './check-secret-use.ts'
import type { Finding, Problem } from './finding.ts'

const CHECK = 'store'
const TTL_MS = 60_000

/**
 * Opens the store and writes, reads and removes a value. Where that works, checks the secret that it was used with.
 *
 * @param env its NODE_ENV is the mode that is checked
 * @param about the place of the table in PostgreSQL; `application` is undefined when its address or secret is not
 *   known, and on a loopback address
 */
export async function checkStore(
  env: Environment,
  folder: string,
  about: PostgresTable & { readonly application?: CheckedApplication | undefined } = {},
): Promise<readonly Finding[]> {
  const { application, ...place } = about
  let store: Store | undefined
  let choice: StoreChoice | undefined
  const directory = resolve(folder, env.ATPROTO_DATA_DIR || '.atproto-auth')
  try {
    choice = { ...chooseStore(env), ...place }
    if (isUnused(choice, directory, env)) return [await tryDefault(directory)]
    store = await openStore(choice, () => createDirectory(directory))
    if (!(await roundTrip(store))) return [lostValue(choice)]
    const finding =
      choice.kind === 'sqlite' ? describeFile(join(directory, STORE_FILE), env) : await describeServer(choice)
    return application ? [finding, await checkSecretUse(store, application)] : [finding]
  } catch (error) {
    if (!(error instanceof AtprotoAuthError)) throw error
    return [{ check: CHECK, level: 'fail', ...explain(error, choice) }]
  } finally {
    await store?.close()
  }
}

function lostValue(choice: StoreChoice): Finding {
  return {
    check: CHECK,
    level: 'fail',
    message: `${nameOf(choice)} lost a value that had just been written`,
    fix: 'Check that the server is neither a cache that evicts keys nor a replica that lags behind.',
  }
}

async function describeServer(choice: StoreChoice): Promise<Finding> {
  const message = `${nameOf(choice)} stores and returns values correctly`
  return (await warningAboutEviction(choice)) ?? { check: CHECK, level: 'ok', message }
}

async function warningAboutEviction(choice: StoreChoice): Promise<Finding | undefined> {
  const policy = await readEvictionPolicy(choice)
  if (policy === undefined || policy === 'noeviction') return
  return {
    check: CHECK,
    level: 'warn',
    message: `Redis has maxmemory-policy ${policy}: when its memory is full, it removes sessions and so signs users out`,
    fix: 'Set maxmemory-policy noeviction on the server, or use one that is not a cache.',
  }
}

/** In development, when nothing chose the store: whether no application has made the default file yet. */
function isUnused({ kind }: StoreChoice, directory: string, env: Environment): boolean {
  if (kind !== 'sqlite' || env.ATPROTO_DATA_DIR || env.NODE_ENV === 'production') return false
  return !existsSync(join(directory, STORE_FILE))
}

/** Tries the place without leaving a file there: its existence would say that the application uses it. */
async function tryDefault(directory: string): Promise<Finding> {
  await createDirectory(directory)
  const trial = await mkdtemp(join(directory, 'doctor-'))
  try {
    const store = await openStore({ kind: 'sqlite' }, async () => trial)
    const isKept = await roundTrip(store).finally(() => store.close())
    return isKept
      ? { check: CHECK, level: 'note', message: unusedMessage(directory) }
      : lostValue({ kind: 'sqlite' })
  } finally {
    await rm(trial, { recursive: true, force: true })
  }
}

const unusedMessage = (directory: string) =>
  `SQLite, the default of development, works in ${directory}; no application has stored anything there yet. ${UNSEEN_STORE}.`
const UNSEEN_STORE =
  'A store that createAtprotoAuth() is given is not checked: for PostgreSQL, set ATPROTO_DATABASE_URL'

/** Creates the folder of the file as the application does. */
async function createDirectory(path: string): Promise<string> {
  await makeDataDirectory(path)
  return path
}

/** Nothing says that this is the store of the application: `createAtprotoAuth()` may be given another one. */
function describeFile(file: string, env: Environment): Finding {
  const message = `SQLite stores and returns values correctly in ${file}`
  if (env.ATPROTO_DATA_DIR) return { check: CHECK, level: 'ok', message }
  if (env.NODE_ENV === 'production') {
    return {
      check: CHECK,
      level: 'warn',
      message: `${message}, the default, because no store is set`,
      fix:
        'If createAtprotoAuth() is given a store, that one is used and not checked here: for PostgreSQL, run this with ATPROTO_DATABASE_URL. ' +
        `Otherwise set ${STORE_VARIABLES}: in a standalone build, the default is inside .next, and the next build deletes it.` +
        hintAboutOwnDatabase(env),
    }
  }
  return { check: CHECK, level: 'ok', message: `${message}. ${UNSEEN_STORE}.` }
}

/** Runs the operations that a sign-in and a refresh need, with a random key. */
async function roundTrip(store: Store): Promise<boolean> {
  const key = `doctor:${randomToken()}`
  await store.ping()
  await store.set(key, 'first', TTL_MS)
  const isUpdated = await store.update(key, 'second', 1, TTL_MS)
  const isLeased = await store.lease(key, 'doctor', TTL_MS)
  await store.release(key, 'doctor')
  const taken = await store.take(key)
  return isUpdated && isLeased && taken === 'second' && (await store.get(key)) === undefined
}

/** Without the address, which may contain a password. */
function nameOf({ kind }: StoreChoice): string {
  return {
    sqlite: 'SQLite',
    redis: 'Redis',
    'vercel-kv': 'Vercel KV / Upstash Redis',
    postgres: 'PostgreSQL',
  }[kind]
}

/** What happened, and what to do. The message of PostgreSQL's errors says both. */
function explain(error: AtprotoAuthError, choice: StoreChoice | undefined): Pick<Problem, 'message' | 'fix'> {
  const advice = adviceIn(error)
  const message = describeReason(error)
  return {
    message: advice === undefined ? message : message.replace(` ${advice}`, ''),
    fix: advice ?? fixFor(choice),
  }
}

/** @param choice undefined when the environment does not name a usable store */
function fixFor(choice: StoreChoice | undefined): string {
  switch (choice?.kind) {
    case 'sqlite':
      return 'Set ATPROTO_DATA_DIR to a folder that the application may write to. The default is .atproto-auth here.'
    case 'redis':
      return 'Check that Redis is running and reachable from here, and that REDIS_URL is right (host, port, password, rediss:// for TLS).'
    case 'vercel-kv':
      return 'Check that KV_REST_API_URL and KV_REST_API_TOKEN (or those of Upstash) belong to the same database, and that it exists.'
    case 'postgres':
      return 'Check that ATPROTO_DATABASE_URL is postgres://user:password@host:port/database, and that the package pg is installed here.'
    case undefined:
      return 'Set these variables, or pass a store to createAtprotoAuth(). This command does not see its options.'
  }
}
