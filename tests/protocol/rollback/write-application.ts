/** Lets a version of the library write what an application has in its store and in its visitors' browsers. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { OAuthSession, Store } from 'next-atproto-auth/oauth'
import { type Browser, createBrowser } from '../../support/browser.ts'
import { alice, type Person } from '../../support/protocol/scripted-network.ts'
import { readDatabase } from './database.ts'
import { clientKey, SECRET } from './keys.ts'
import type { Library } from './library.ts'
import {
  describeClient,
  frank,
  grace,
  readKeyset,
  SCOPE,
  startWritingNetwork,
  type WritingNetwork,
  writeEndedSession,
  writeSessions,
  writeStates,
} from './write-client.ts'
import { CONFIDENTIAL, type WrittenApplication } from './written.ts'

export const USER_AGENT = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
export const RETURN_TO = '/inbox?tab=unread'

/** @param publicUrl that of one of `applications` */
export async function writeApplication(library: Library, publicUrl: string): Promise<WrittenApplication> {
  await using network = await startWritingNetwork()
  const folder = mkdtempSync(join(tmpdir(), 'atproto-written-'))
  const path = join(folder, 'sessions.sqlite')
  const { store, holdServerRows } = watchServerRows(library.createSqliteStore({ path }))
  try {
    const { localNetwork, addresses } = network
    const clientMetadata = describeClient(library, publicUrl)
    const client = new library.OAuthClient({
      clientMetadata,
      keyset: await readKeyset(library, publicUrl),
      secrets: [SECRET],
      store,
      localNetwork,
      onWarning: () => undefined,
    })
    const { full, bare, marked, official } = await writeSessions(client, network)
    const ended = await writeEndedSession(client, network)
    const states = await writeStates(client, network)
    const browsers = await writeCookies({ library, network, store, publicUrl })
    // Two metadata documents and a nonce for each of the two homes.
    await holdServerRows(6)
    await store.close()
    return {
      writtenAt: Date.now(),
      secret: SECRET,
      addresses,
      publicUrl,
      clientId: clientMetadata.client_id,
      database: readDatabase(path),
      sessions: {
        full: nameOf(full),
        bare: nameOf(bare),
        marked: nameOf(marked),
        ended: nameOf(ended),
        official: nameOf(official),
      },
      states,
      browsers,
    }
  } finally {
    await store.close()
    rmSync(folder, { recursive: true })
  }
}

const nameOf = ({ did, id }: OAuthSession) => ({ did: String(did), id })

/** The store, and whether the shared cache is in it: that is written in the background. */
function watchServerRows(store: Store) {
  const keys = new Set<string>()
  return {
    store: {
      ...store,
      async set(key: string, value: string, ttlMs: number) {
        await store.set(key, value, ttlMs)
        if (key.startsWith('server:')) keys.add(key)
      },
    },
    async holdServerRows(count: number): Promise<void> {
      const endsAt = performance.now() + 5_000
      while (keys.size < count && performance.now() < endsAt) await pause(20)
      if (keys.size !== count) throw new Error(`${keys.size} rows of servers were written, not ${count}.`)
    },
  }
}

export interface Application {
  readonly library: Library
  readonly network: Pick<WritingNetwork, 'localNetwork'>
  readonly store: Store
  readonly publicUrl: string
  /** Options that replace those of `createAuth`. */
  readonly settings?: Parameters<Library['createAtprotoAuth']>[0]
}

/** The object that the application makes in its `auth.ts`. */
export function createAuth({ library, network, store, publicUrl, settings }: Application) {
  return library.createAtprotoAuth({
    publicUrl,
    secret: SECRET,
    scope: SCOPE,
    store,
    localNetwork: network.localNetwork,
    logger: { warn: () => undefined, error: () => undefined },
    ...(publicUrl === CONFIDENTIAL && { clientKeys: clientKey }),
    ...settings,
  })
}

async function writeCookies(application: Application & { readonly network: WritingNetwork }) {
  const [signedIn, signingIn] = [createBrowser(), createBrowser()]
  await finishSignIn(application, signedIn, frank)
  await finishSignIn(application, signedIn, grace)
  const page = await beginSignIn(application, signingIn, alice)
  const { pathname, search } = application.network.home.as.fail(page, 'access_denied')
  return {
    signedIn: { jar: [...signedIn.jar], dids: [grace.did, frank.did] },
    signingIn: { jar: [...signingIn.jar], refusal: pathname + search },
  }
}

/** Posts the form of the sign-in page; where the browser is sent. */
export async function beginSignIn(application: Application, browser: Browser, person: Person): Promise<URL> {
  const { publicUrl } = application
  const request = new Request(`${publicUrl}/oauth/login`, {
    method: 'POST',
    headers: { cookie: browser.header(), 'sec-fetch-site': 'same-origin', origin: publicUrl },
    body: new URLSearchParams({ identifier: person.handle, returnTo: RETURN_TO }),
  })
  const response = await createAuth(application).handlers.POST(request)
  browser.take(response.headers.getSetCookie())
  const location = response.headers.get('location')
  if (location === null) throw new Error(`The sign-in page answered with ${response.status}.`)
  return new URL(location)
}

/** Comes back from the server; where the application then sends the browser. */
export async function comeBack(
  application: Application,
  browser: Browser,
  pathAndQuery: string,
): Promise<string | null> {
  const headers = {
    cookie: browser.header(),
    'user-agent': USER_AGENT,
    'sec-fetch-site': 'cross-site',
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
  }
  const request = new Request(application.publicUrl + pathAndQuery, { headers })
  const response = await createAuth(application).handlers.GET(request)
  browser.take(response.headers.getSetCookie())
  return response.headers.get('location')
}

async function finishSignIn(
  application: Application & { readonly network: WritingNetwork },
  browser: Browser,
  person: Person,
): Promise<void> {
  const page = await beginSignIn(application, browser, person)
  const { pathname, search } = application.network.home.as.approve(page, person.did)
  await comeBack(application, browser, pathname + search)
}
