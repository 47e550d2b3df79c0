/** The session, for pages: an outage of the session store is an answer, not an error. */
import 'server-only'
import { AtprotoAuthError, type OAuthSession } from 'next-atproto-auth'
import { cache } from 'react'
import { auth } from '../../auth.ts'

/**
 * The session, null for a visitor, or `outage` when the session cannot be read: the store is down, or the app is not
 * configured. An outage is returned, not thrown, because Next renders error boundaries only in the browser: without
 * scripts the page would be blank. Header and page of one request share the answer and its line in the log.
 */
export const readSession = cache(async (): Promise<OAuthSession | null | 'outage'> => {
  try {
    return await auth.getSession()
  } catch (error) {
    if (!(error instanceof AtprotoAuthError)) throw error
    // biome-ignore lint/suspicious/noConsole: the operator of the app has to see it
    console.error(error.message)
    return 'outage'
  }
})

/**
 * The session, or `outage`, for pages that need one. Without a session it redirects to the sign-in page.
 *
 * @param returnTo the path to return to after the sign-in
 */
export async function requirePerson(returnTo: string): Promise<OAuthSession | 'outage'> {
  return (await readSession()) ?? auth.requireSession({ returnTo })
}

/**
 * Redirects to the person's server for a permission that the session lacks, and to the sign-in page without a session.
 * It does nothing while sessions cannot be read: the page at `returnTo` explains that.
 */
export async function requirePermission(returnTo: string, scope: string): Promise<void> {
  if ((await readSession()) !== 'outage') await auth.requireSession({ returnTo, scope })
}
