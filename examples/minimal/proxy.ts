import { authProxy } from 'next-atproto-auth/middleware'

// Redirects visitors early. This is not access control: call auth.requireSession() in each page and action that needs
// a session.
export default authProxy({ protect: ['/'] })
export const config = { matcher: ['/'] }
