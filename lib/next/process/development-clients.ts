/**
 * What happens in development when the scope changes. The loopback client's id contains the scope, so with another scope
 * the application is another client, and the sessions of the previous one are not found (atproto.com/specs/oauth,
 * "Localhost Client Development"). The last ids are remembered beside the sessions, so that a session of one of them can be
 * told from none. Such a session is only recognised: it is never used, refreshed or deleted.
 */
import 'server-only'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Secrets } from '../../config/secrets.ts'
import { createBlindIndex } from '../../crypto/blind-index.ts'
import { createSealer } from '../../crypto/seal.ts'
import { createSessionRecords } from '../../oauth/records/sealed-records.ts'
import { type SessionSummary, summarize } from '../../oauth/records/session-summary.ts'
import type { Store } from '../../store/contract.ts'

/** Sessions of clients that the application was before its scope changed. */
export interface FormerSessions {
  /**
   * What is known of the session with that id; undefined when none of those clients has it.
   *
   * @throws StoreUnavailableError
   */
  describe(sessionId: string): Promise<SessionSummary | undefined>
}

export interface DevelopmentClient {
  readonly publicUrl: string
  /** Of a loopback client. */
  readonly clientId: string
}

const MAX_CLIENTS = 5
const FILE = 'development-scopes.json'

/** Earlier versions stored a scope instead of a list. */
const schema = z.record(z.string(), z.array(z.string()).catch([]))

/**
 * Remembers the client in the folder of the sessions. Returns the ids with another scope that were remembered before, the
 * newest first; and whether the scope has just changed.
 */
export async function rememberClient(
  folder: string,
  { publicUrl, clientId }: DevelopmentClient,
): Promise<{ readonly formerIds: readonly string[]; readonly hasChanged: boolean }> {
  const path = join(folder, FILE)
  const clients = await readClients(path)
  const known = (clients[publicUrl] ?? []).filter((id) => scopeOf(id) !== undefined)
  const ids = [clientId, ...known.filter((id) => id !== clientId)].slice(0, MAX_CLIENTS)
  // A folder that cannot be written to makes the application fail elsewhere, with a better message.
  if (String(ids) !== String(known))
    await writeFile(path, JSON.stringify({ ...clients, [publicUrl]: ids })).catch(() => undefined)
  const hasOtherScope = (id: string) => scopeOf(id) !== scopeOf(clientId)
  return { formerIds: ids.filter(hasOtherScope), hasChanged: known.slice(0, 1).some(hasOtherScope) }
}

/** Empty if the file is missing or cut off: it is only a reminder. */
async function readClients(path: string): Promise<Readonly<Record<string, readonly string[]>>> {
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return {}
  }
}

/** The scope that a loopback client's id declares; undefined for any other text. */
function scopeOf(clientId: string): string | undefined {
  const url = URL.parse(clientId)
  return url?.origin === 'http://localhost' ? (url.searchParams.get('scope') ?? 'atproto') : undefined
}

export interface FormerSessionsDeps {
  readonly store: Store
  readonly secrets: Secrets
  readonly sessionLifetimeMs: number
  readonly sessionIdleMs: number
}

/** Reads the sessions of former clients, and nothing else. */
export function createFormerSessions(
  clientIds: readonly string[],
  { store, secrets, sessionLifetimeMs, sessionIdleMs }: FormerSessionsDeps,
): FormerSessions {
  const sealer = createSealer(secrets, 'session row')
  const blindIndex = createBlindIndex(secrets, 'account index')
  const times = { now: Date.now, lifetimeMs: sessionLifetimeMs, idleMs: sessionIdleMs }
  const records = clientIds.map((clientId) =>
    createSessionRecords({ store, clientId, sealer, blindIndex, ...times }),
  )
  return {
    async describe(sessionId) {
      for (const { read } of records) {
        const session = await read(sessionId)
        if (session) return { ...summarize(session), isActive: false, reason: 'scope_changed' }
      }
      return undefined
    },
  }
}
