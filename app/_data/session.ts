/** The session, for pages that visitors may see, too. */
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
