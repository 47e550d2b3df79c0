/** Redirects to pages of this application from server components, server actions and route handlers. */
import 'server-only'
// Without the suffix `.js`, unlike other imports of Next: Next replaces exactly this name by the server's version.
import { redirect } from 'next/navigation'
import type { Config } from '../config/load-config.ts'

/**
 * Redirects to a path of this application, which is written without Next's `basePath`.
 *
 * @throws always: Next's own signal for the redirect
 */
export function redirectTo(
  path: string,
  { publicOrigin, paths }: Pick<Config, 'publicOrigin' | 'paths'>,
): never {
  // Next adds its basePath to a path in pages, but not in route handlers or for forms without scripts.
  redirect(paths.prefix === '' ? path : publicOrigin + paths.prefix + path)
}
