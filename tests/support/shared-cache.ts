/**
 * A shared cache as RFC 9111 allows one, in front of an app: it keeps whatever it may, with `Set-Cookie` and all, and
 * serves it to everybody whom the rules let it serve it to. What is private has to be marked as such.
 */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { closeServer, listenOnLoopback, portOf } from './network/loopback-server.ts'
import { type RawAnswer, sendRaw } from './raw-request.ts'

export interface SharedCache extends AsyncDisposable {
  readonly url: string
  /** How many answers came out of the cache. */
  hits(): number
}

interface Entry extends RawAnswer {
  /** What the headers named by `Vary` were in the request that it answered. */
  readonly varied: Readonly<Record<string, string | undefined>>
  /** Epoch milliseconds. */
  readonly freshUntil: number
}

/** Statuses that may be kept although no header says so (RFC 9110 §15.1); for how long is up to the cache. */
const heuristic: ReadonlySet<number> = new Set([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501])
const HEURISTIC_S = 3_600

/** Starts it before the app at `target`. */
export async function startSharedCache(target: string): Promise<SharedCache> {
  const entries = new Map<string, Entry[]>()
  let hits = 0

  async function answer(request: IncomingMessage): Promise<RawAnswer> {
    const { method = 'GET', url = '/' } = request
    const isRead = method === 'GET' || method === 'HEAD'
    const stored = entries.get(url)?.find((entry) => isRead && matches(entry, request.headers))
    if (stored) {
      hits += 1
      return { ...stored, headers: { ...stored.headers, 'x-cache': 'hit' } }
    }
    const body = isRead ? undefined : await buffer(request)
    const fresh = await sendRaw(target, { method, path: url, headers: request.headers, body })
    const freshS = isRead && method === 'GET' ? lifetimeOf(fresh, request.headers) : 0
    if (freshS > 0) {
      const entry = {
        ...fresh,
        varied: variedBy(fresh, request.headers),
        freshUntil: Date.now() + freshS * 1_000,
      }
      entries.set(url, [entry, ...(entries.get(url) ?? [])])
    }
    // An unsafe request that went well makes what is known about its URL doubtful (RFC 9111 §4.4).
    if (!isRead && fresh.status < 400) entries.delete(url)
    return fresh
  }

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const { status, headers, body } = await answer(request)
    response.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : body)
  }
  const server = await listenOnLoopback(
    0,
    createServer((request, response) => {
      serve(request, response).catch(() => response.destroy())
    }),
  )
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    hits: () => hits,
    [Symbol.asyncDispose]: () => closeServer(server),
  }
}

/** Seconds for which an answer may be kept and served without asking; 0 for not at all (RFC 9111 §3, §4.2). */
function lifetimeOf({ status, headers }: RawAnswer, asked: IncomingHttpHeaders): number {
  const directives = parseDirectives(headers['cache-control'])
  if (['no-store', 'private', 'no-cache'].some((name) => directives.has(name))) return 0
  if (String(headers.vary ?? '').includes('*')) return 0
  const isOpen = ['public', 's-maxage', 'must-revalidate'].some((name) => directives.has(name))
  if (asked.authorization !== undefined && !isOpen) return 0
  const explicit = directives.get('s-maxage') ?? directives.get('max-age')
  if (explicit !== undefined) return Number(explicit) || 0
  if (headers.expires !== undefined) return Math.max(0, (Date.parse(headers.expires) - Date.now()) / 1_000)
  return heuristic.has(status) || directives.has('public') ? HEURISTIC_S : 0
}

function parseDirectives(text = ''): ReadonlyMap<string, string> {
  const parts = text.split(',').map((part) => part.trim().toLowerCase().split('='))
  return new Map(parts.map(([name = '', value = '']) => [name, value.replaceAll('"', '')]))
}

function variedBy({ headers }: RawAnswer, asked: IncomingHttpHeaders): Entry['varied'] {
  const names = String(headers.vary ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
  return Object.fromEntries(names.filter(Boolean).map((name) => [name, asked[name]?.toString()]))
}

function matches({ varied, freshUntil }: Entry, asked: IncomingHttpHeaders): boolean {
  const isSame = Object.entries(varied).every(([name, value]) => asked[name]?.toString() === value)
  return isSame && freshUntil > Date.now()
}
