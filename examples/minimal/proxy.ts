import { authProxy } from 'next-atproto-auth/middleware'

// A courtesy, not the lock: call auth.requireSession() in each page and action that needs somebody.
export default authProxy({ protect: ['/'] })
export const config = { matcher: ['/'] }
