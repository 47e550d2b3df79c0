/**
 * Where the browser comes back to on this machine (RFC 8252 §7.3): a server on a loopback address that takes one
 * answer, to the one sign-in that this very process began. Whatever else arrives, from a page of a stranger or from
 * another program, is turned away and changes nothing.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { LOOPBACK_REDIRECT } from '../workspace/public-clients.ts'
import { type Page, pageHeaders, renderPage } from './pages.ts'

/** The browser that came back. It waits for a page. */
export interface Arrival {
  readonly params: URLSearchParams
  /** Resolves when the page has left. */
  respond(status: number, page: Page): Promise<void>
}

export interface CallbackListener {
  /** Of this listener, with its port. */
  readonly redirectUri: string
  /** The browser that brings this state; undefined when the signal ends the wait. */
  waitFor(state: string, signal: AbortSignal): Promise<Arrival | undefined>
  close(): void
}

const { hostname, pathname } = new URL(LOOPBACK_REDIRECT)
const notExpected: Page = {
  title: 'Not expected',
  text: 'The command line does not wait for this. Begin the sign-in again in the terminal.',
}

/** Starts a listener on a free port. */
export async function listenForCallback(): Promise<CallbackListener> {
  let expected: string | undefined
  const arrived = Promise.withResolvers<Arrival>()
  const server = createServer((request, response) => {
    const refusal = refusalOf(request, hostOf(server))
    if (refusal !== undefined) return void respond(response, refusal, notExpected)
    const { searchParams: params } = new URL(request.url ?? '', LOOPBACK_REDIRECT)
    if (expected === undefined || params.getAll('state').join() !== expected) {
      return void respond(response, 400, notExpected)
    }
    // Once: what comes again while the first is being finished finds nobody waiting.
    expected = undefined
    arrived.resolve({ params, respond: (status, page) => respond(response, status, page) })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, hostname, resolve)
  })

  return {
    redirectUri: `http://${hostOf(server)}${pathname}`,
    waitFor(state, signal) {
      expected = state
      const given = new Promise<undefined>((resolve) => {
        if (signal.aborted) resolve(undefined)
        signal.addEventListener('abort', () => resolve(undefined), { once: true })
      })
      return Promise.race([arrived.promise, given])
    },
    close() {
      expected = undefined
      server.close()
      server.closeAllConnections()
    },
  }
}

/** The status to turn a request away with; undefined for one that may be the answer. */
function refusalOf({ method, url = '', headers }: IncomingMessage, host: string): number | undefined {
  // A name that leads here is a stranger's page (DNS rebinding).
  if (headers.host !== host) return 421
  if (url.split('?')[0] !== pathname) return 404
  if (method !== 'GET') return 405
  // What a browser loads ahead is nobody's click.
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
  // A browser that went away needs no page, and nobody waits for it.
  response.once('close', resolve)
  response.writeHead(status, { ...pageHeaders, connection: 'close' })
  response.end(renderPage(page), resolve)
  return promise
}
