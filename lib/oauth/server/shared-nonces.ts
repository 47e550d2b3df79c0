/**
 * DPoP nonces for all processes: one that a server gave to one of them serves the others as well, for as long as
 * it is good (RFC 9449 §8.2). The reference server takes a nonce for two to three minutes.
 */
import { z } from 'zod'
import { createCache, type Shelf } from '../../identity/cache.ts'
import { noncePattern, readNonce, type SeenNonce, type ServerState } from './server-state.ts'

/** A nonce younger than this is used without asking what others were given. */
const FRESH_MS = 2 * 60_000
const SHELF_MS = 3 * 60_000
/** Servers that give no nonces, or a new one with every answer, are not to cost the store a look at each request. */
const ASK_EVERY_MS = 30_000
const WRITE_EVERY_MS = 20_000

const rowSchema = z.object({ nonce: z.string().regex(noncePattern), seenAt: z.number() })

/**
 * A server memory that looks on the shelf when it knows no nonce or an old one, and leaves its own there. An old
 * nonce is still better than none: if it is refused, as none would be, the answer holds a new one.
 *
 * @param servers what this process remembers; other clients of the process may share it
 * @param now epoch milliseconds
 */
export function shareNonces(servers: ServerState, shelf: Shelf, now: () => number): ServerState {
  const asked = createCache<void>(ASK_EVERY_MS)
  const written = createCache<void>(WRITE_EVERY_MS)
  const keyOf = (origin: string) => JSON.stringify(['dpop-nonce', origin])

  async function ask(origin: string): Promise<void> {
    const seen = parseRow(await shelf.read(keyOf(origin)), now())
    if (seen) servers.adoptNonce(origin, seen)
  }

  return {
    ...servers,
    async recallNonce(origin) {
      const ageMs = now() - servers.nonceSeenAt(origin)
      if (ageMs > FRESH_MS) await asked.recall(origin, () => ask(origin), { now })
      return servers.nonce(origin)
    },
    rememberNonce(origin, response, seenAt) {
      servers.rememberNonce(origin, response, seenAt)
      const nonce = readNonce(response)
      if (nonce === undefined) return
      // Nobody waits for it: a nonce that is lost costs another process one request.
      void written.recall(origin, () => shelf.write(keyOf(origin), { nonce, seenAt }, SHELF_MS), { now })
    },
  }
}

/** A process whose clock is ahead has not seen the future. */
function parseRow(value: unknown, now: number): SeenNonce | undefined {
  const { success, data } = rowSchema.safeParse(value)
  return success ? { nonce: data.nonce, seenAt: Math.min(data.seenAt, now) } : undefined
}
