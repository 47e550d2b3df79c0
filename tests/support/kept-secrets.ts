/** What the command line keeps sealed, opened: to look for it where it must not be. */
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseDid } from '../../lib/identity/syntax.ts'
import { createContext } from '../../lib/oauth/create-context.ts'
import { createSqliteStore } from '../../lib/store/sqlite.ts'
import type { Credentials } from './person.ts'

export interface Kept {
  /** The data folder. */
  readonly folder: string
  readonly clientId: string
  readonly account: Credentials
  /** Of a sign-in under way. */
  readonly state?: string | undefined
}

/** Tokens, keys and verifiers of an account’s sessions and of a sign-in under way, and the secret they lie under. */
export async function readSecretsIn({ folder, clientId, account, state }: Kept): Promise<readonly string[]> {
  // A copy: a sign-in can only be taken, which would end it.
  const copy = mkdtempSync(join(tmpdir(), 'atproto-kept-'))
  cpSync(folder, copy, { recursive: true })
  const secret = readFileSync(join(copy, 'secret'), 'utf8')
  const store = createSqliteStore({ path: join(copy, 'sessions.sqlite') })
  try {
    const { sessions, states } = createContext({
      store,
      secrets: [secret] as const,
      allowHttp: true,
      clientMetadata: { client_id: clientId },
    })
    const begun = state === undefined ? undefined : await states.take(state)
    const found = (await sessions.list(parseDid(account.did))).flatMap(({ id, row }) => [
      ...[id, row.tokens.accessToken, row.tokens.refreshToken, row.key.dpopJwk.d],
    ])
    const all = [secret, ...found, begun?.request.codeVerifier, begun?.key.dpopJwk.d]
    return all.filter((value) => value !== undefined)
  } finally {
    await store.close()
    rmSync(copy, { recursive: true })
  }
}
