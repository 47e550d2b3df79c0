/**
 * The local server to which the browser returns after the sign-in (RFC 8252 §7.3). It listens on a loopback address and
 * accepts exactly one request: the callback of the sign-in that this process began. Any other request, from a web page
 * or another program, is refused and changes nothing.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { LOOPBACK_REDIRECT } from '../workspace/public-clients.ts'
import { type Page, pageHeaders, renderPage } from './callback-pages.ts'

/** The callback request of the browser, which waits for a page. */
export interface Callback {
  readonly params: URLSearchParams
  /** Sends a page. Resolves when it has been sent. */
  respond(status: number, page: Page): Promise<void>
}

export interface LoopbackListener {
  /** The redirect URI with the port of this listener. */
  readonly redirectUri: string
  /** Waits for the callback with this `state`. Resolves to undefined when the signal is aborted. */
  waitFor(state: string, signal: AbortSignal): Promise<Callback | undefined>
  close(): void
}

const { hostname, pathname } = new URL(LOOPBACK_REDIRECT)
const notExpected: Page = {
  title: 'Not expected',
  text: 'No sign-in is waiting for this page. Start the sign-in again in the terminal.',
}

/** Starts a listener on a free port. */
export async function listenForCallback(): Promise<LoopbackListener> {
  let expected: string | undefined
  const received = Promise.withResolvers<Callback>()
  const server = createServer((request, response) => {
    const refusal = refusalOf(request, hostOf(server))
    if (refusal !== undefined) return void respond(response, refusal, notExpected)
    const { searchParams: params } = new URL(request.url ?? '', LOOPBACK_REDIRECT)
    if (expected === undefined || params.getAll('state').join() !== expected) {
      return void respond(response, 400, notExpected)
    }
    // Only once: a repeated request while the first one is being processed is refused.
    expected = undefined
    received.resolve({ params, respond: (status, page) => respond(response, status, page) })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, hostname, resolve)
  })

  return {
    redirectUri: `http://${hostOf(server)}${pathname}`,
    waitFor(state, signal) {
      expected = state
      const aborted = new Promise<undefined>((resolve) => {
        if (signal.aborted) resolve(undefined)
        signal.addEventListener('abort', () => resolve(undefined), { once: true })
      })
      return Promise.race([received.promise, aborted])
    },
    close() {
      expected = undefined
      server.close()
      server.closeAllConnections()
    },
  }
}

/** Returns the status with which a request is refused, or undefined for one that may be the callback. */
function refusalOf({ method, url = '', headers }: IncomingMessage, host: string): number | undefined {
  // Another host name means that a web page reached this server by DNS rebinding.
  if (headers.host !== host) return 421
  if (url.split('?')[0] !== pathname) return 404
  if (method !== 'GET') return 405
  // The browser loads the page in advance; the user has not gone there.
  if (/prefetch|prerender/.test(String(headers['sec-purpose'] ?? headers.purpose))) return 503
  return undefined
}

function hostOf(server: ReturnType<typeof createServer>): string {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('The listener has no port.')
  return `${hostname}:${address.port}`
}

function respond(response: ServerResponse, status: number, page: Page): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  // If the browser has closed the connection, there is nothing to wait for.
  response.once('close', resolve)
  response.writeHead(status, { ...pageHeaders, connection: 'close' })
  response.end(renderPage(page), resolve)
  return promise
}
