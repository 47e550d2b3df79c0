/** What a visitor sees when the configuration has problems: in development what is missing, otherwise only that. */
import 'server-only'
import type { ConfigurationError } from '../../errors.ts'
import { escapeControls, redact } from '../../untrusted-text.ts'
import { escapeHtml, page } from '../../web/responses.ts'
import { isDevelopment } from '../config/next-mode.ts'

/** The page with status 500. Messages about the configuration quote no secret; these are redacted as in the log. */
export function notSetUpPage({ message }: ConfigurationError): Response {
  return page({
    status: 500,
    title: 'Not set up',
    body: `<p>Sign-in is not set up on this site yet. ${isDevelopment() ? problemsIn(message) : LOG_HINT}</p>`,
  })
}

const LOG_HINT = 'The server log says what is missing.'

function problemsIn(message: string): string {
  const lines = message.split('\n').map((line) => escapeHtml(escapeControls(redact(line))))
  return `What is missing, which this page says in development only:</p><p>${lines.join('</p><p>')}`
}
