/**
 * A browser that is signed in, without a sign-in: writes a session into the application's store and seals the cookie
 * that names it. Anyone who has the application's secret can do so; this refuses every address that others could reach.
 */
import { join } from 'node:path'
import type { Store } from '../../store/contract.ts'
import { makeDataDirectory, STORE_FILE, secretIn } from '../../store/data-directory.ts'
import { createSqliteStore } from '../../store/sqlite.ts'
import { cookieAttributes, cookieSettings } from '../../web/cookie-header.ts'
import { sealSessionCookie } from '../../web/session-cookie.ts'
import type { TestNetwork } from '../network/test-network.ts'
import { beginSession } from './begin-session.ts'
import { readTestedApplication, type TestedApplication } from './test-client.ts'

export interface SignedInCookieOptions extends TestedApplication {
  /** Who is signed in, such as `testDid('alice.test')`. */
  readonly did: string
  /** The network that is to accept the session's tokens; without one, calls and refreshes fail. */
  readonly network?: TestNetwork | undefined
  /** The application's store, if it has one of its own. Default the SQLite file in `dataDirectory`. */
  readonly store?: Store | undefined
  /** The application's ATPROTO_DATA_DIR; default `.atproto-auth` in the working directory. */
  readonly dataDirectory?: string | undefined
  /** The application's own `sessionLifetimeMs`; default 180 days, 14 days on a loopback address. */
  readonly sessionLifetimeMs?: number | undefined
}

/** A cookie as Playwright's `context.addCookies()` and `storageState` take it. */
export interface BrowserCookie {
  readonly name: string
  readonly value: string
  readonly domain: string
  readonly path: string
  /** Seconds since the epoch. */
  readonly expires: number
  readonly httpOnly: boolean
  readonly secure: boolean
  readonly sameSite: 'Lax'
}

export interface SignedInCookie {
  readonly cookie: BrowserCookie
  /** For a plain request: the text of its header `Cookie`. */
  readonly header: string
  /** For Playwright's `test.use({ storageState })`. */
  readonly storageState: { cookies: BrowserCookie[]; origins: never[] }
}

const DAY_MS = 24 * 60 * 60_000

/**
 * Signs an account in without a sign-in. Each call begins another session, as another browser would.
 *
 * @throws ConfigurationError when an option is wrong, or `publicUrl` is an address that strangers reach;
 *   StoreUnavailableError; TypeError when `did` is no DID, or no account of the network
 */
export async function signedInCookie(options: SignedInCookieOptions): Promise<SignedInCookie> {
  const { did, network, dataDirectory = '.atproto-auth' } = options
  const client = await readTestedApplication(options)
  if (!options.store || !client.secrets) await makeDataDirectory(dataDirectory)
  const secrets = client.secrets ?? ([await secretIn(dataDirectory)] as const)
  const sessionLifetimeMs = options.sessionLifetimeMs ?? (client.isLoopback ? 14 : 180) * DAY_MS
  const store = options.store ?? createSqliteStore({ path: join(dataDirectory, STORE_FILE) })
  try {
    const start = { client, did, network, store, secrets, sessionLifetimeMs }
    const { session } = await beginSession(start)
    const ttlS = Math.ceil(sessionLifetimeMs / 1000)
    const value = await sealSessionCookie({ did, sessionIds: [session.id] }, secrets, ttlS)
    return describeCookie(value, ttlS, client.publicUrl)
  } finally {
    if (!options.store) await store.close()
  }
}

function describeCookie(value: string, ttlS: number, publicUrl: string): SignedInCookie {
  const settings = cookieSettings(publicUrl)
  const { path, httpOnly, secure } = cookieAttributes(ttlS, settings)
  const cookie: BrowserCookie = {
    name: settings.sessionName,
    value,
    domain: new URL(publicUrl).hostname,
    path,
    expires: Math.floor(Date.now() / 1000) + ttlS,
    httpOnly,
    secure,
    sameSite: 'Lax',
  }
  return { cookie, header: `${cookie.name}=${value}`, storageState: { cookies: [cookie], origins: [] } }
}
