/**
 * One process of an application: node app-process.ts <setup as JSON>. It serves the library's route handlers and two
 * routes of its own over HTTP, and ends on SIGTERM as Next's server does: when its requests and what follows them are
 * done. An error that is not one of the library is printed.
 */
import './resolve-next.ts'
import { readdirSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { openStore } from '../../../tests/support/contract/open-store.ts'
import type { AppSetup, AppTold, Sample } from './messages.ts'

// Not by `import`: what they import is resolved as the first line says.
const { createAtprotoAuth } = await import('../../../lib/next/auth.ts')
const { AtprotoAuthError } = await import('../../../lib/errors.ts')
const { runNextRequest } = await import('../../../tests/support/next-request.ts')
const { breakAnswers } = await import('./broken-app.ts')

const setup: AppSetup = JSON.parse(process.argv[2] ?? '')
const store = openStore(setup.kind, setup.address)
const auth = createAtprotoAuth({
  publicUrl: setup.publicUrl,
  secret: setup.secret,
  scope: 'atproto repo:com.example.note',
  store,
  localNetwork: { plcDirectory: setup.plcDirectory, handleResolver: setup.handleResolver },
  loginLimits: false,
  onError: ({ error }) => reportUntyped(error),
})
const xrpc = auth.handlers.xrpc({ allow: { 'com.example.read': 'GET', 'com.example.write': 'POST' } })
const answerAsBuilt = setup.breaks === undefined ? answer : breakAnswers(setup.breaks, answer)
/** What the process waits for before it ends. */
const underWay = new Set<Promise<unknown>>()

function track(work: Promise<unknown>): void {
  underWay.add(work)
  void work.finally(() => underWay.delete(work))
}

function reportUntyped(error: unknown): void {
  if (error instanceof AtprotoAuthError) return
  console.error(`UNTYPED ${error instanceof Error ? error.stack : String(error)}`)
}

function answer(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url)
  if (pathname === '/page') return page()
  if (pathname.startsWith('/xrpc/')) return request.method === 'GET' ? xrpc.GET(request) : xrpc.POST(request)
  return request.method === 'POST' ? auth.handlers.POST(request) : auth.handlers.GET(request)
}

/** A page: who is signed in, and which accounts the browser has. */
async function page(): Promise<Response> {
  try {
    const session = await auth.getSession()
    return Response.json({ did: session?.did ?? null, accounts: await auth.listAccounts() })
  } catch (error) {
    reportUntyped(error)
    const isPassing = error instanceof AtprotoAuthError && error.retryable
    return Response.json({ error: 'the page failed' }, { status: isPassing ? 503 : 500 })
  }
}

async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const body = await buffer(incoming)
  const { method = 'GET', url = '/' } = incoming
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value))
  const init = method === 'POST' ? { method, headers, body } : { method, headers }
  const request = new Request(new URL(url, setup.publicUrl), init)
  const phase = url.startsWith('/page') ? 'render' : 'action'
  const following: (() => Promise<unknown>)[] = []
  const after = (work: Promise<unknown> | (() => Promise<unknown>)) =>
    void (typeof work === 'function' ? following.push(work) : track(work))
  const { result } = await runNextRequest({ headers: Object.fromEntries(headers), phase, after }, () =>
    answerAsBuilt(request),
  )
  const bytes = Buffer.from(await result.arrayBuffer())
  outgoing.writeHead(result.status, [...result.headers].flat()).end(bytes)
  for (const work of following) track(work())
}

const server = createServer((incoming, outgoing) => {
  const work = serve(incoming, outgoing).catch((error: unknown) => {
    // A visitor who has gone is no failure.
    if (!incoming.destroyed || incoming.complete) reportUntyped(error)
    outgoing.destroy()
  })
  track(work)
})

/** What the process holds at this moment, after its garbage was collected twice. */
function takeSample(): Sample {
  global.gc?.()
  global.gc?.()
  const { heapUsed, rss } = process.memoryUsage()
  const resources = process.getActiveResourcesInfo()
  return { heapUsed, rss, resources, files: readdirSync('/proc/self/fd').length }
}

process.on('message', (message) => {
  if (message === 'sample') process.send?.({ sample: takeSample() } satisfies AppTold)
})
process.once('SIGTERM', async () => {
  server.close()
  server.closeIdleConnections()
  while (underWay.size > 0) await Promise.allSettled([...underWay])
  await store.close()
  process.exit(0)
})
// A run that was cut off leaves none behind.
process.once('disconnect', () => process.exit(1))

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.send?.({ port } satisfies AppTold)
})
