/** The library's Next.js side in front of the scripted network, and browsers that visit it. */

// Before anything of Next: what it needs of its server is made here.
import 'next/dist/server/node-environment-baseline.js'

import { onTestFinished } from 'vitest'
import { type AtprotoAuth, createAtprotoAuth } from '../../../lib/next/auth.ts'
import type { AtprotoAuthOptions } from '../../../lib/next/config/options.ts'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { type Browser, createBrowser } from '../browser.ts'
import { type RunningRequest, runNextRequest } from '../next-request.ts'
import { type Person, type ScriptedNetwork, startScriptedNetwork } from './scripted-network.ts'

export const ORIGIN = 'http://127.0.0.1:3000'
export const SECRET = 'Zk4vTq9-mXc2_bRw7.LpYd8~HsJ3+fGn6'
export const SESSION_COOKIE = 'atproto-session-3000'
export const navigation = {
  'sec-fetch-site': 'none',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
}
/** By a link on a page of the application. */
export const ownLink = { ...navigation, 'sec-fetch-site': 'same-origin' }
export const ownForm = { 'sec-fetch-site': 'same-origin', origin: ORIGIN }
export const foreignForm = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.dev' }

type Headers = Readonly<Record<string, string>>

interface RunOptions {
  readonly phase?: 'action' | 'render'
  readonly headers?: Headers
}

export interface Visitor extends Browser {
  get(path: string, headers?: Headers): Promise<Response>
  post(path: string, fields?: Record<string, string>, headers?: Headers): Promise<Response>
  /** Signs in with an account that approves at once. */
  signIn(person: Person, headers?: Headers): Promise<Response>
  /** Runs code of the application in a request of this browser, by default as a server action of an own page. */
  run<T>(work: (auth: AtprotoAuth, request: RunningRequest) => Promise<T>, options?: RunOptions): Promise<T>
  /** `run`, and where the browser is sent when the code redirects it. */
  act<T>(
    work: (auth: AtprotoAuth) => Promise<T>,
    options?: RunOptions,
  ): Promise<{ readonly result?: T; readonly location?: string }>
  /** Who a page would show as signed in. */
  whoIsSignedIn(): Promise<string | undefined>
}

export interface NextApp {
  readonly auth: AtprotoAuth
  /** A browser of its own; with the cookies of another one, a copy of that. */
  visit(jar?: Iterable<readonly [string, string]>): Visitor
}

export function createNextApp(network: ScriptedNetwork, options: AtprotoAuthOptions = {}): NextApp {
  const auth = createAtprotoAuth({
    publicUrl: ORIGIN,
    secret: SECRET,
    store: createMemoryStore(),
    localNetwork: { plcDirectory: network.plc.origin, handleResolver: network.resolver.origin },
    ...options,
  })
  return { auth, visit: (jar) => createVisitor({ auth, network, browser: createBrowser(jar) }) }
}

/** A browser in front of an application and a network of its own, which end with the test. */
export async function visitNewApp(): Promise<Visitor> {
  const network = await startScriptedNetwork()
  onTestFinished(() => network[Symbol.asyncDispose]())
  return createNextApp(network).visit()
}

interface VisitorDeps {
  readonly auth: AtprotoAuth
  readonly network: ScriptedNetwork
  readonly browser: Browser
}

function createVisitor({ auth, network, browser }: VisitorDeps): Visitor {
  const withCookie = (headers: Headers) => ({ cookie: browser.header(), ...headers })
  async function send(answer: Promise<Response>): Promise<Response> {
    const response = await answer
    browser.take(response.headers.getSetCookie())
    return response
  }
  const get: Visitor['get'] = (path, headers = navigation) =>
    send(auth.handlers.GET(new Request(ORIGIN + path, { headers: withCookie(headers) })))
  const post: Visitor['post'] = (path, fields = {}, headers = ownForm) => {
    const init = { method: 'POST', headers: withCookie(headers), body: new URLSearchParams(fields) }
    return send(auth.handlers.POST(new Request(ORIGIN + path, init)))
  }
  const run: Visitor['run'] = async (work, { phase = 'action', headers = ownForm } = {}) => {
    const request = { phase, headers: withCookie(headers) }
    const { result, setCookies } = await runNextRequest(request, (running) => work(auth, running))
    browser.take(setCookies)
    return result
  }

  const act: Visitor['act'] = (work, options) =>
    run(
      (running) =>
        work(running).then(
          (result) => ({ result }),
          (error: unknown) => ({ location: locationOf(error) }),
        ),
      options,
    )

  return {
    ...browser,
    get,
    post,
    run,
    act,
    async signIn({ did, handle }, headers = {}) {
      const begun = await post('/oauth/login', { identifier: handle })
      const { pathname, search } = network.home.as.approve(new URL(begun.headers.get('location') ?? ''), did)
      return get(pathname + search, { ...navigation, ...headers })
    },
    whoIsSignedIn: () => run(async () => (await auth.getSession())?.did, { phase: 'render' }),
  }
}

/** Where Next's own signal would send the browser. */
function locationOf(error: unknown): string {
  if (!(error instanceof Error && 'digest' in error && typeof error.digest === 'string')) throw error
  const [kind, , location = ''] = error.digest.split(';')
  if (kind !== 'NEXT_REDIRECT') throw error
  return location
}
