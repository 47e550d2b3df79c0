/** The pages that the browser shows after the sign-in: a result page, and the callback page of a static client. */
import { createHash } from 'node:crypto'

export interface Page {
  readonly title: string
  readonly text: string
}

/** Headers of a result page: it is not cached or framed, loads nothing, and sends no referrer. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/** Returns the HTML of a result page. It has no scripts. */
export function renderPage({ title, text }: Page): string {
  return document(title, `<p>${escapeHtml(text)}</p>`)
}

/**
 * Returns the HTML of the callback page on a static host. It shows its own address, so that the user can paste it into
 * the terminal; without scripts, it asks for the address in the address bar. The security policy is in the page itself,
 * because a static host does not send our headers.
 */
export function renderCallbackPage(): string {
  const policy = [
    "default-src 'none'",
    `style-src '${hashOf(STYLE)}'`,
    `script-src '${hashOf(SCRIPT)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const body = `<p id="how">Copy the complete address of this page from the address bar and paste it into the terminal.</p>
<textarea id="address" rows="6" readonly hidden aria-labelledby="how"></textarea>
<button id="copy" type="button" hidden>Copy</button>
<p>The address works once, and only on the machine where the sign-in began.</p>
<script>${SCRIPT}</script>`
  const head = `<meta http-equiv="content-security-policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">`
  return document('One step left', body, head)
}

function document(title: string, body: string, head = ''): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${head}
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
<main><h1>${escapeHtml(title)}</h1>
${body}
</main>
`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}

const STYLE = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { margin: 0; min-height: 100vh; display: grid; place-content: center; padding: 1.5rem; box-sizing: border-box }
main { max-width: 26rem }
h1 { font-size: 1.5rem; line-height: 1.2 }
textarea, button { box-sizing: border-box; width: 100%; font: inherit; padding: .6rem .75rem; border-radius: .5rem }
textarea { border: 1px solid GrayText; overflow-wrap: anywhere }
button { margin-top: .5rem; border: 0; background: #1a4fd0; color: #fff; font-weight: 600; cursor: pointer }
:focus-visible { outline: 3px solid #6f9bff; outline-offset: 2px }
[hidden] { display: none }
`

const SCRIPT = `
const address = document.getElementById('address')
const copy = document.getElementById('copy')
address.value = location.href
address.hidden = copy.hidden = false
document.getElementById('how').textContent = 'Copy this complete address and paste it into the terminal.'
copy.addEventListener('click', async () => {
  address.select()
  try {
    await navigator.clipboard.writeText(address.value)
    copy.textContent = 'Copied'
  } catch {
    copy.textContent = 'Copy the selected text'
  }
})
`
