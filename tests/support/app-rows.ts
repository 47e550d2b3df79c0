/** What a running app keeps secret: the rows of its SQLite file, opened with its own secret, and that secret itself. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createSealer } from '../../lib/crypto/seal.ts'
import { type EncodedSession, encodedSessionSchema } from '../../lib/oauth/records/session-row.ts'
import { type EncodedState, encodedStateSchema } from '../../lib/oauth/records/state-row.ts'

export interface AppFiles {
  /** Path of the SQLite file; a generated secret lies beside it. */
  readonly database: string
  readonly env: Readonly<Record<string, string>>
  /** Address of the app itself. */
  readonly url: string
}

export interface AppRows {
  readonly sessions: readonly EncodedSession[]
  readonly states: readonly EncodedState[]
}

const kinds = { session: encodedSessionSchema, state: encodedStateSchema }

/** A row of a store: the key begins with its kind. */
type Entry = Readonly<Record<'key' | 'value', unknown>>

/** Every session, and every sign-in under way. */
export async function readAppRows(app: AppFiles): Promise<AppRows> {
  using database = new DatabaseSync(app.database, { readOnly: true })
  const entries = database.prepare('SELECT key, value FROM entry').all()
  return openAppRows(
    app,
    entries.map(({ key, value }) => ({ key, value })),
  )
}

/** The same of rows that were read from another store. */
export async function openAppRows(app: AppFiles, entries: readonly Entry[]): Promise<AppRows> {
  const { client_id: clientId } = await (await fetch(`${app.url}/oauth-client-metadata.json`)).json()
  const open = async <Kind extends keyof typeof kinds>(kind: Kind) => {
    const sealer = createSealer([secretOf(app)], `${kind} row`)
    const own = entries.filter(({ key }) => String(key).startsWith(`${kind}:`))
    return Promise.all(
      own.map(({ key, value }) =>
        sealer.open(String(value), [kind, clientId, String(key).split(':')[1] ?? '']),
      ),
    )
  }
  return {
    sessions: (await open('session')).map((row) => encodedSessionSchema.parse(row)),
    states: (await open('state')).map((row) => encodedStateSchema.parse(row)),
  }
}

/** Tokens, keys and verifiers of these rows, each at most once. */
export function secretsIn({ sessions, states }: AppRows): readonly string[] {
  const all = [
    ...sessions.flatMap(({ accessToken, refreshToken, dpopJwk }) => [accessToken, refreshToken, dpopJwk.d]),
    ...states.flatMap(({ codeVerifier, dpopJwk }) => [codeVerifier, dpopJwk.d]),
  ]
  // A session that has ended keeps its row, with an empty access token.
  return [...new Set(all.filter((secret) => secret !== undefined))].filter((secret) => secret !== '')
}

/** The app's own secret, and the private part of its client keys. */
export function ownSecrets(app: AppFiles): readonly string[] {
  const keys = (app.env.ATPROTO_CLIENT_KEYS ?? '').matchAll(/"d"\s*:\s*"([\w-]+)"/g)
  return [secretOf(app), ...Array.from(keys, ([, d = '']) => d)]
}

function secretOf({ env, database }: AppFiles): string {
  return env.ATPROTO_SECRET ?? readFileSync(join(dirname(database), 'secret'), 'utf8').trim()
}
