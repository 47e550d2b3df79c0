/** The session for pages that are shown to everybody. */
import 'server-only'
import { AtprotoAuthError, type OAuthSession } from 'next-atproto-auth'
import { cache } from 'react'
import { auth } from '../../auth.ts'

/**
 * The session, null for a visitor, or `outage` when this app cannot tell: its store is down or it is not set up.
 * Said by the page itself rather than thrown, because Next renders error boundaries in the browser only, and
 * without scripts the page would be blank. Asked by the frame and by the page, said once in the log.
 */
export const readSession = cache(async (): Promise<OAuthSession | null | 'outage'> => {
  try {
    return await auth.getSession()
  } catch (error) {
    if (!(error instanceof AtprotoAuthError)) throw error
    // biome-ignore lint/suspicious/noConsole: whoever runs the app has to learn of it.
    console.error(error.message)
    return 'outage'
  }
})
