/**
 * Moves the sessions that the official tutorial's application has stored (DATABASE_PATH, default `app.db`) to the store
 * of this application. Stop the other application first, then run this once with `npm run import-sessions`.
 */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { buildClientMetadata, importKeyset, OAuthClient } from 'next-atproto-auth/oauth'
import { createSqliteStore } from 'next-atproto-auth/stores/sqlite'

const { PUBLIC_URL = '', ATPROTO_CLIENT_KEYS, ATPROTO_SECRET = '' } = process.env
const { ATPROTO_DATA_DIR = '.atproto-auth', DATABASE_PATH = 'app.db' } = process.env
const [secret = '', ...olderSecrets] = ATPROTO_SECRET.split(',').map((part) => part.trim())

// The same client as in auth.ts, which a script cannot import: `auth` works only inside Next.
const client = new OAuthClient({
  clientMetadata: buildClientMetadata({
    publicUrl: PUBLIC_URL,
    scope: 'atproto account:email repo:com.example.record',
    metadataPath: '/oauth-client-metadata.json',
    jwksPath: '/oauth/jwks.json',
    callbackPath: '/oauth/callback',
  }),
  keyset: await importKeyset(ATPROTO_CLIENT_KEYS),
  secrets: [secret, ...olderSecrets],
  store: createSqliteStore({ path: join(ATPROTO_DATA_DIR, 'sessions.sqlite') }),
})

const database = new DatabaseSync(DATABASE_PATH)
const remove = database.prepare('DELETE FROM auth_session WHERE key = ?')
for (const row of database.prepare('SELECT key, value FROM auth_session').all()) {
  const did = String(row.key)
  try {
    await client.importSession(row.value)
    // A refresh token works once: if the old copy were used, too, the session would end.
    remove.run(did)
    console.log(`Moved the session of ${did}.`)
  } catch (error) {
    // The row stays in the old database; other rows can still be moved.
    console.error(`Left the session of ${did}: ${error instanceof Error ? error.message : error}`)
    process.exitCode = 1
  }
}
