/** The pages that a browser sees when it comes back: small, calm, in light and dark, never asking for anything. */
import { createHash } from 'node:crypto'

export interface Page {
  readonly title: string
  readonly text: string
}

/** Headers for a page of this machine: not kept, not framed, nothing loaded, and its address told to nobody. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/** A page without scripts. */
export function renderPage({ title, text }: Page): string {
  return document(title, `<p>${escapeHtml(text)}</p>`)
}

/**
 * The callback page of a static host: it shows its own address, to be pasted into the terminal. Without scripts it
 * asks for the address bar's. A host sends no headers of ours, so the rules are in the page itself.
 */
export function renderCallbackPage(): string {
  const policy = [
    "default-src 'none'",
    `style-src '${hashOf(STYLE)}'`,
    `script-src '${hashOf(SCRIPT)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const body = `<p id="how">Copy the address of this page from the address bar, all of it, and paste it into the terminal.</p>
<textarea id="address" rows="6" readonly hidden aria-labelledby="how"></textarea>
<button id="copy" type="button" hidden>Copy</button>
<p>It serves once, and only on the machine where the sign-in began.</p>
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
document.getElementById('how').textContent = 'Copy this address, all of it, and paste it into the terminal.'
copy.addEventListener('click', async () => {
  address.select()
  try {
    await navigator.clipboard.writeText(address.value)
    copy.textContent = 'Copied'
  } catch {
    copy.textContent = 'Copy what is selected'
  }
})
`
