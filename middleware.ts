/** Sends strangers to the sign-in page before a guarded page renders; the page itself checks again. */
import { authMiddleware } from 'next-atproto-auth/middleware'

export default authMiddleware({ protect: ['/compose', '/devices', '/timeline'], signInPage: '/sign-in' })

export const config = { matcher: ['/compose', '/devices', '/timeline'] }
