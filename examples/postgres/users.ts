/** Users, and their sessions as the database sees them. */
import { eq, sql } from 'drizzle-orm'
import { db, sessions, users } from './database'

/** Called at each sign-in: after a change of ATPROTO_SECRET, the keys are others. */
export async function saveUser(did: string, accountKeys: readonly string[]): Promise<void> {
  await db
    .insert(users)
    .values({ did, accountKeys: [...accountKeys] })
    .onConflictDoUpdate({ target: users.did, set: { accountKeys: [...accountKeys] } })
}

export async function findUser(did: string) {
  const [user] = await db.select().from(users).where(eq(users.did, did))
  return user
}

/** In how many browsers the user is signed in. */
export async function countSessions(did: string): Promise<number> {
  const [row] = await db
    .select({ count: sql<number>`count(DISTINCT ${sessions.session})::int` })
    .from(users)
    .innerJoin(sessions, sql`${sessions.account} = ANY (${users.accountKeys})`)
    .where(eq(users.did, did))
  return row?.count ?? 0
}

/**
 * Signs the user out everywhere, in plain SQL. The sessions end at once. Their grants stay at the user's server until they
 * expire; `client.revoke(did)` ends those too.
 */
export async function endSessions(did: string): Promise<void> {
  const accounts = sql`SELECT unnest(account_keys) FROM users WHERE did = ${did}`
  await db.execute(sql`
    DELETE FROM atproto_auth WHERE kind = 'value' AND key IN (
      SELECT session FROM atproto_auth_sessions WHERE account IN (${accounts})
    )`)
  // The list of them, which would expire by itself.
  await db.execute(sql`DELETE FROM atproto_auth WHERE kind = 'member' AND key IN (${accounts})`)
}

export async function removeUser(did: string): Promise<void> {
  await db.delete(users).where(eq(users.did, did))
}
