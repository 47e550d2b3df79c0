/**
 * A published application, with a client key and an https address, as processes of its own run it: what is left for
 * after a response is done when `visit` and `signIn` are.
 */

// Before anything of Next: what it needs of its server is made here.
import 'next/dist/server/node-environment-baseline.js'

import { onTestFinished } from 'vitest'
import { generatePrivateJwk, importKeyset } from '../../../lib/crypto/keyset.ts'
import { createAtprotoAuth } from '../../../lib/next/auth.ts'
import type { AtprotoAuthOptions } from '../../../lib/next/config/options.ts'
import { type Browser, createBrowser } from '../browser.ts'
import { type LateWork, runNextRequest } from '../next-request.ts'
import { type Person, type ScriptedNetwork, startScriptedNetwork } from './scripted-network.ts'

export const PUBLISHED = 'https://app.demo.internal'
export const PUBLISHED_COOKIE = '__Host-atproto-session'

export interface PublishedProcess {
  /** Renders a page that asks who is signed in. */
  visit(browser: Browser): Promise<string | undefined>
  signIn(browser: Browser, person: Person): Promise<void>
}

export interface PublishedApp {
  readonly network: ScriptedNetwork
  /** Ends the process before, with all that it remembered, and starts another one. */
  start(options: AtprotoAuthOptions): PublishedProcess
}

/** An application on a network of its own, which ends with the test. */
export async function createPublishedApp(): Promise<PublishedApp> {
  const clientKeys = { ...(await generatePrivateJwk()), kid: 'key' }
  const { keys } = (await importKeyset(clientKeys)).publicJwks
  const network = await startScriptedNetwork({ jwks: { keys: [...keys] } })
  onTestFinished(() => network[Symbol.asyncDispose]())
  return {
    network,
    start(options) {
      Reflect.deleteProperty(globalThis, Symbol.for('next-atproto-auth/1'))
      const auth = createAtprotoAuth({
        publicUrl: PUBLISHED,
        clientKeys,
        localNetwork: { plcDirectory: network.plc.origin, handleResolver: network.resolver.origin },
        ...options,
      })
      const send = (browser: Browser, path: string, fields?: Record<string, string>) =>
        inRequest(browser, 'action', async (headers) => {
          const url = PUBLISHED + path
          const response = await (fields
            ? auth.handlers.POST(
                new Request(url, { method: 'POST', headers, body: new URLSearchParams(fields) }),
              )
            : auth.handlers.GET(new Request(url, { headers })))
          browser.take(response.headers.getSetCookie())
          return new URL(response.headers.get('location') ?? '', PUBLISHED)
        })
      return {
        visit: (browser) => inRequest(browser, 'render', async () => (await auth.getSession())?.did),
        async signIn(browser, { did, handle }) {
          const page = await send(browser, '/oauth/login', { identifier: handle })
          const { pathname, search } = network.home.as.approve(page, did)
          await send(browser, pathname + search)
        },
      }
    },
  }
}

type Headers = Readonly<Record<string, string>>

/** What the work gives in a request of the browser, once all is done that was left for after the response. */
async function inRequest<T>(
  browser: Browser,
  phase: 'action' | 'render',
  work: (headers: Headers) => Promise<T>,
): Promise<T> {
  const left: LateWork[] = []
  const headers = { cookie: browser.header(), 'sec-fetch-site': 'same-origin', origin: PUBLISHED }
  const { result } = await runNextRequest({ headers, phase, after: (late) => left.push(late) }, () =>
    work(headers),
  )
  await Promise.all(left.map((late) => (typeof late === 'function' ? late() : late)))
  return result
}

/** A browser with that session cookie alone. */
export function browserWith(cookie: string | undefined): Browser {
  return createBrowser(cookie === undefined ? [] : [[PUBLISHED_COOKIE, cookie]])
}
