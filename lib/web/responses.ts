/** The responses of the library's routes: not cached, not framed. */
import { bundledBasePath } from '../config/next-base-path.ts'
import { signInErrorReference } from './error-reference.ts'

const common = {
  'cache-control': 'private, no-store',
  vary: 'Cookie',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/** 303: the browser continues with GET. A path stays relative, so that the Host header cannot change where it leads. */
export function seeOther(location: string, cookies: readonly string[] = []): Response {
  const headers = new Headers({ ...common, location })
  for (const cookie of cookies) headers.append('set-cookie', cookie)
  return new Response(null, { status: 303, headers })
}

/** Adds Next's `basePath` to a path in `Location`: the handlers write paths as the application does, without it. */
export function withPrefix(response: Response, prefix: string): Response {
  const location = response.headers.get('location')
  if (location?.startsWith('/')) response.headers.set('location', prefix + location)
  return response
}

/** 204, in response to a prefetch; a real click still navigates. */
export function noContent(): Response {
  return new Response(null, { status: 204, headers: common })
}

/** A JSON document for scripts of this application's own pages only, which no cache keeps. */
export function privateJson(document: unknown, status = 200): Response {
  return new Response(JSON.stringify(document), {
    status,
    headers: {
      ...common,
      'content-type': 'application/json',
      'cross-origin-resource-policy': 'same-origin',
      ...(status === 503 && { 'retry-after': '5' }),
    },
  })
}

/** A public JSON document, cached for five minutes. */
export function publicJson(document: unknown): Response {
  return new Response(JSON.stringify(document), {
    headers: {
      'content-type': 'application/json',
      'cache-control': 'public, max-age=300',
      'access-control-allow-origin': '*',
      'x-content-type-options': 'nosniff',
    },
  })
}

export interface Page {
  readonly status: number
  readonly title: string
  /** HTML. The caller escapes all text that comes from a request. */
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

/** A plain HTML page: for failures, and for applications that have no sign-in page. */
export function page({ status, title, body, headers = {} }: Page): Response {
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
<main><h1>${title}</h1>${body}${status < 400 ? '' : HOME_LINK}</main>
`
  return new Response(html, {
    status,
    headers: {
      ...common,
      // The login route checks the form's `Origin`, which a page with `no-referrer` would send as "null".
      'referrer-policy': 'same-origin',
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
      'cross-origin-opener-policy': 'same-origin',
      ...headers,
    },
  })
}

const HOME_LINK = `<p><a href="${escapeHtml(bundledBasePath ?? '')}/">Go to the home page</a></p>`

/** HTML with the reference of a failure (`lib/web/error-reference.ts`); empty for any other text. */
export function referenceLine(reference: string | undefined): string {
  const shown = signInErrorReference(reference)
  return shown === undefined ? '' : `<p class="reference">Reference: <code translate="no">${shown}</code></p>`
}

/** Escapes text for HTML content and quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

const STYLE = `
:root { color-scheme: light dark; background: Canvas; color: CanvasText; font: 1rem/1.5 system-ui, sans-serif }
body { margin: 0; min-height: 100vh; box-sizing: border-box; display: grid; place-content: center; padding: 1.5rem }
main { max-width: 22rem }
h1 { font-size: 1.5rem; line-height: 1.2 }
label, input, button { display: block; box-sizing: border-box; width: 100%; font: inherit }
input, button { margin-top: .5rem; padding: .6rem .75rem; border-radius: .5rem; border: 1px solid GrayText }
button { margin-top: 1rem; border: 0; background: #1a4fd0; color: #fff; font-weight: 600; cursor: pointer }
button.plain { background: none; color: inherit; border: 1px solid GrayText }
:focus-visible { outline: 3px solid #6f9bff; outline-offset: 2px }
[role=alert] { padding: .6rem .75rem; border-left: 4px solid #c4314b; background: color-mix(in srgb, #c4314b 12%, Canvas) }
.reference { font-size: .9rem }
`
