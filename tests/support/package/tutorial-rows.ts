/** What the app of the official tutorial leaves behind: its SQLite file, with rows that the official client made. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { JoseKey } from '@atproto/jwk-jose'
import type { LocalAccount } from '../network/accounts.ts'
import { signInOfficially } from '../official-client.ts'
import type { World } from './world.ts'

/** A key as its `gen-key` prints it, for PRIVATE_KEY. */
export async function makePrivateKey(): Promise<string> {
  const key = await JoseKey.generate(['ES256'], Date.now().toString())
  return JSON.stringify(key.privateJwk)
}

/** Signs in to the tutorial's app in production: the row that its session store is given. */
export async function signInToTutorial(
  { network, originOf }: World,
  account: LocalAccount,
  privateKey: string,
): Promise<string> {
  const origin = originOf({ client: 'confidential' })
  return signInOfficially(network, account, {
    keyset: [await JoseKey.fromJWK(JSON.parse(privateKey))],
    clientMetadata: {
      client_id: `${origin}/oauth-client-metadata.json`,
      client_name: 'OAuth Tutorial',
      redirect_uris: [`${origin}/oauth/callback`],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      scope: 'atproto account:email repo:com.example.record',
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
      jwks_uri: `${origin}/.well-known/jwks.json`,
      dpop_bound_access_tokens: true,
    },
  })
}

/** Its file in that folder, with the tables of its migration and these sessions by DID. */
export function writeTutorialFile(folder: string, sessions: Readonly<Record<string, string>>): void {
  using database = openFile(folder)
  for (const table of ['auth_state', 'auth_session'])
    database.exec(`CREATE TABLE ${table} (key text primary key, value text not null)`)
  const insert = database.prepare('INSERT INTO auth_session (key, value) VALUES (?, ?)')
  for (const [did, row] of Object.entries(sessions)) insert.run(did, row)
}

/** The DIDs whose sessions are still in that file. */
export function tutorialSessions(folder: string): readonly string[] {
  using database = openFile(folder)
  return database
    .prepare('SELECT key FROM auth_session')
    .all()
    .map(({ key }) => String(key))
}

function openFile(folder: string): DatabaseSync {
  return new DatabaseSync(join(folder, 'app.db'))
}
