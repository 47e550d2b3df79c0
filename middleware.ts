/** Redirects visitors to the sign-in page before a protected page renders. The page itself checks the session. */
import { authMiddleware } from 'next-atproto-auth/middleware'

export default authMiddleware({ protect: ['/compose', '/devices', '/timeline'], signInPage: '/sign-in' })

export const config = { matcher: ['/compose', '/devices', '/timeline'] }
