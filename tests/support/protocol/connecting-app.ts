/** An application with users of its own, who connect accounts: its session is a cookie that names the user. */
import { cookies } from 'next/headers.js'
import { expect } from 'vitest'
import type { AtprotoAuthOptions } from '../../../lib/next/config/options.ts'
import type { ConnectedEvent } from '../../../lib/next/events/hooks.ts'
import type { ConnectFields } from '../../../lib/next/server/connect-action.ts'
import { createNextApp, navigation, ORIGIN, SESSION_COOKIE, type Visitor } from './next-app.ts'
import { alice, bob, type Person, type ScriptedNetwork } from './scripted-network.ts'
import { withoutReference } from './without-reference.ts'

export const PAGE = '/settings?tab=accounts#bluesky'
const USER_COOKIE = 'user'

type Connection = Omit<ConnectedEvent, 'session'>

export interface Begun {
  /** Where the browser was sent. */
  readonly location: string
  /** The path of the callback that brings it back, with the person's consent. */
  readonly callback: string
}

export function createConnectingApp(network: ScriptedNetwork, options: AtprotoAuthOptions = {}) {
  const connections: Connection[] = []
  const lines: string[] = []
  const write = (line: string) => void lines.push(line)
  const app = createNextApp(network, {
    connect: {
      currentUser: async () => (await cookies()).get(USER_COOKIE)?.value,
      onConnected: ({ session: _, ...connection }) => void connections.push(connection),
    },
    logger: { warn: write, error: write },
    ...options,
  })

  /** A browser in which that user of the application is signed in. */
  function visitAs(user: string): Visitor {
    const visitor = app.visit()
    become(visitor, user)
    return visitor
  }

  function connect(visitor: Visitor, identifier: string, fields: Partial<ConnectFields> = {}) {
    const link = visitor.jar.get(USER_COOKIE) ?? ''
    return visitor.act((auth) => auth.connect({ identifier, link, returnTo: PAGE, ...fields }))
  }

  /** The first half of a connection, and what brings the browser back when the person agrees. */
  async function begin(visitor: Visitor, { did, handle }: Person, fields: Partial<ConnectFields> = {}) {
    const { location = '' } = await connect(visitor, handle, fields)
    return { location, callback: approve(network, location, did) } satisfies Begun
  }

  return {
    ...app,
    /** What the application was told. */
    connections,
    lines,
    visitAs,
    connect,
    begin,
    /** A whole connection, and what the application was told. */
    async connectAccount(visitor: Visitor, person: Person): Promise<Connection> {
      await comeBack(visitor, (await begin(visitor, person)).callback)
      const connection = connections.at(-1)
      if (!connection) throw new Error('The account was not connected.')
      return connection
    },
  }
}

/** The browser goes on as another user of the application, or as nobody. */
export function become(visitor: Visitor, user: string | undefined): void {
  if (user === undefined) visitor.jar.delete(USER_COOKIE)
  else visitor.jar.set(USER_COOKIE, user)
}

/** Where the browser goes that a server sent back after a consent. */
export function approve(network: ScriptedNetwork, location: string, did: string): string {
  const { pathname, search } = network.home.as.approve(new URL(location), did)
  return pathname + search
}

/**
 * The browser opens the callback, in a request of Next in which the application can read its cookies.
 *
 * @returns where it goes on to, without the reference of a failure
 */
export async function comeBack(visitor: Visitor, path: string): Promise<string | undefined> {
  const headers = { ...navigation, 'sec-fetch-site': 'cross-site' }
  const request = new Request(ORIGIN + path, { headers: { ...headers, cookie: visitor.header() } })
  const response = await visitor.run((auth) => auth.handlers.GET(request), { headers })
  visitor.take(response.headers.getSetCookie())
  return withoutReference(response.headers.get('location'))
}

export function hasSessionCookie({ jar }: Visitor): boolean {
  return jar.has(SESSION_COOKIE)
}

/** Name and value of the cookie that binds a flow under way to the browser. */
export function flowCookieOf({ jar }: Visitor): readonly [string, string] {
  return [...jar].find(([name]) => name.includes('-flow-')) ?? ['', '']
}

/** The application was told nothing, the store has no session of these accounts, and no token works. */
export async function expectNothingLinked(
  { auth, connections }: ReturnType<typeof createConnectingApp>,
  network: ScriptedNetwork,
): Promise<void> {
  expect(connections).toEqual([])
  const client = await auth.client()
  for (const { did } of [alice, bob]) expect(await client.listSessions(did)).toEqual([])
  expect(network.home.as.grants.all.filter(({ alive }) => alive)).toEqual([])
}
