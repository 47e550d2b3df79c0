/**
 * The log line of a form, or of a server function, that is refused because a page of another site seems to have caused it.
 * Often that page is the application itself, at another address than the public URL. The headers are untrusted text: no
 * more of them is logged than an origin, or one of the four values of Sec-Fetch-Site.
 */
import 'server-only'
import type { Log } from './log.ts'

const SHOWN = 100

export interface RefusedFormContext {
  readonly publicOrigin: string
  readonly log: Pick<Log, 'warnSeldom'>
}

/** Logs which origin the form came from, which one was expected, and what to check. */
export function logRefusedForm(
  headers: Pick<Headers, 'get'>,
  { publicOrigin, log }: RefusedFormContext,
): void {
  log.warnSeldom(
    'A form was refused',
    `A form was refused: it came ${describeOrigin(headers.get('origin'))}${describeSite(headers.get('sec-fetch-site'))}, and PUBLIC_URL is ${publicOrigin}. ` +
      'If that is this application, PUBLIC_URL must be the address in the browser, and a proxy in front must pass on Origin ' +
      'and Sec-Fetch-Site as they are. Otherwise another site sent it.',
  )
}

function describeOrigin(origin: string | null): string {
  if (origin === null) return 'without an Origin'
  // Browsers send it for a page without a referrer, among others.
  if (origin === 'null') return 'with Origin: null'
  // An origin contains no space, so it cannot look like a part of the sentence.
  if (URL.parse(origin)?.origin !== origin) return 'without an Origin that can be used'
  return `from ${origin.length > SHOWN ? `${origin.slice(0, SHOWN)}…` : origin}`
}

function describeSite(site: string | null): string {
  return site !== null && /^(cross-site|same-site|same-origin|none)$/.test(site)
    ? ` (Sec-Fetch-Site: ${site})`
    : ''
}
