/** The mode that Next.js runs in. */
import 'server-only'

/** Whether this is `next dev`, where what helps the developer may be shown. Any other value, or none, counts as production. */
export function isDevelopment(): boolean {
  // Written out: Next replaces this name while it builds.
  return process.env.NODE_ENV === 'development'
}
