/**
 * DPoP nonces shared by all processes: a nonce that a server gave to one process also works for the others, as long as
 * it is valid (RFC 9449 §8.2). The reference server accepts a nonce for two to three minutes.
 */
import { z } from 'zod'
import { createCache, type SharedCache } from '../../identity/cache.ts'
import { noncePattern, readNonce, type SeenNonce, type ServerState } from './server-state.ts'

/** A nonce younger than this is used without reading the shared cache. */
const FRESH_MS = 2 * 60_000
const SHARED_MS = 3 * 60_000
/** Servers that give no nonces, or a new one with every answer, must not cause store access with each request. */
const ASK_EVERY_MS = 30_000
const WRITE_EVERY_MS = 20_000

const rowSchema = z.object({ nonce: z.string().regex(noncePattern), seenAt: z.number() })

/**
 * Returns a server memory that reads the shared cache when it knows no nonce or only an old one, and writes its own
 * nonces there. A nonce of some minutes is better than none: if the server refuses it, the answer holds a new one.
 *
 * @param servers what this process remembers; other clients of the process may share it
 * @param now epoch milliseconds
 */
export function shareNonces(servers: ServerState, sharedCache: SharedCache, now: () => number): ServerState {
  const asked = createCache<void>(ASK_EVERY_MS)
  const written = createCache<void>(WRITE_EVERY_MS)
  const keyOf = (origin: string) => JSON.stringify(['dpop-nonce', origin])

  async function ask(origin: string): Promise<void> {
    const seen = parseRow(await sharedCache.read(keyOf(origin)), now())
    if (seen) servers.adoptNonce(origin, seen)
  }

  return {
    ...servers,
    async recallNonce(origin, time) {
      const ageMs = time - servers.nonceSeenAt(origin)
      if (ageMs > FRESH_MS) await asked.recall(origin, () => ask(origin), { now })
      return servers.recallNonce(origin, time)
    },
    rememberNonce(origin, response, seenAt) {
      servers.rememberNonce(origin, response, seenAt)
      const nonce = readNonce(response)
      if (nonce === undefined) return
      // Not awaited: a lost nonce costs another process one request.
      void written.recall(origin, () => sharedCache.write(keyOf(origin), { nonce, seenAt }, SHARED_MS), {
        now,
      })
    },
  }
}

/** The other process's clock may be ahead of ours. */
function parseRow(value: unknown, now: number): SeenNonce | undefined {
  const { success, data } = rowSchema.safeParse(value)
  return success ? { nonce: data.nonce, seenAt: Math.min(data.seenAt, now) } : undefined
}
