/**
 * Moves the sessions that the official tutorial's app has stored (DATABASE_PATH, default `app.db`) into this app's
 * store. Run it once, by `npm run import-sessions`, when that app has been stopped.
 */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { buildClientMetadata, importKeyset, OAuthClient } from 'next-atproto-auth/oauth'
import { createSqliteStore } from 'next-atproto-auth/stores/sqlite'

const { PUBLIC_URL = '', ATPROTO_CLIENT_KEYS, ATPROTO_SECRET = '' } = process.env
const { ATPROTO_DATA_DIR = '.atproto-auth', DATABASE_PATH = 'app.db' } = process.env
const [secret = '', ...olderSecrets] = ATPROTO_SECRET.split(',').map((part) => part.trim())

// The app's own client: `auth` is for its pages and routes, and cannot be loaded by a script.
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
    // A refresh token works once: another copy of it, when used, would end the session.
    remove.run(did)
    console.log(`Moved the session of ${did}.`)
  } catch (error) {
    // It stays where it is; the others may still be moved.
    console.error(`Left the session of ${did}: ${error instanceof Error ? error.message : error}`)
    process.exitCode = 1
  }
}
