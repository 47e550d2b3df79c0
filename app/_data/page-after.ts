/** Where a person goes after a server action. */
import 'server-only'
import { headers } from 'next/headers'

/**
 * The path with a notice in its query. After a form that no script has sent, the page without scripts: JavaScript may be
 * off, and the notice would stay hidden.
 */
export async function pageAfter(path: string, notice: string): Promise<string> {
  const isByScript = (await headers()).has('next-action')
  return `${path}?${new URLSearchParams({ notice, ...(isByScript ? {} : { scripts: 'off' }) })}`
}
