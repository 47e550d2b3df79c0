/** The sign-in of the application: Better Auth, with e-mail and password. */
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { nextCookies } from 'better-auth/next-js'
import { headers } from 'next/headers'
import { openDatabase } from './database'

let created: ReturnType<typeof createAuth> | undefined

/** Creates its tables at the first request. An application in production has a migration for them. */
export function getAuth() {
  created ??= createAuth()
  return created
}

async function createAuth() {
  const auth = betterAuth({
    database: openDatabase(),
    baseURL: process.env.PUBLIC_URL ?? 'http://127.0.0.1:3000',
    secret: process.env.BETTER_AUTH_SECRET,
    emailAndPassword: { enabled: true },
    plugins: [nextCookies()],
  })
  const { runMigrations } = await getMigrations(auth.options)
  await runMigrations()
  return auth
}

/** The user who is signed in in this request; null when there is none. */
export async function currentUser() {
  // First: a build, which has no secret, goes no further than here.
  const request = await headers()
  const auth = await getAuth()
  return (await auth.api.getSession({ headers: request }))?.user ?? null
}
