import { authProxy } from 'next-atproto-auth/middleware'

// This is no access control. Call auth.requireSession() in each page and action that needs a signed-in user.
export default authProxy({ protect: ['/'] })
export const config = { matcher: ['/'] }
