/** Redirects to pages of this application out of server components, server actions and route handlers. */
import 'server-only'
// Without the suffix of its neighbours: Next replaces this very name by the server's version.
import { redirect } from 'next/navigation'
import type { Runtime } from '../config/load-config.ts'

/**
 * Leaves for a path of this application, given without Next's `basePath`.
 *
 * @throws Next's own signal, always
 */
export function redirectTo(path: string, { publicUrl, paths }: Pick<Runtime, 'publicUrl' | 'paths'>): never {
  // Next puts its basePath before a path in pages, and leaves it out in route handlers and for forms without scripts.
  redirect(paths.prefix === '' ? path : publicUrl + paths.prefix + path)
}
