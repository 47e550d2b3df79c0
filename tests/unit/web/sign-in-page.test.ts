import { describe, expect, it } from 'vitest'
import { readPaths } from '../../../lib/config/paths.ts'
import { signInPage, signInPath } from '../../../lib/web/sign-in-page.ts'
import { noReferences } from '../../support/unit/no-references.ts'

const paths = readPaths({}, 'https://app.host.dev')
const html = (hints: Parameters<typeof signInPage>[1]) => signInPage(paths, hints).text()
const payloads = [
  '"><script>alert(1)</script>',
  "' onfocus='alert(1)",
  '"onfocus="alert(1)"autofocus="',
  '</main><img src=x onerror=alert(1)>',
  '&quot;&gt;<svg/onload=alert(1)>',
  '<!--',
]

describe('signInPage', () => {
  it.each(noReferences)('N10 shows no reference that is none of ours: %s', async (_, errorReference) => {
    const page = await html({ error: 'access_denied', errorReference })
    expect(page).toBe(await html({ error: 'access_denied' }))
  })

  it('N10 shows the reference of an error below it, not to be translated, and none without an error', async () => {
    const page = await html({ error: 'access_denied', errorReference: '7K3QX9MP' })
    expect(page).toContain('</p><p class="reference">Reference: <code translate="no">7K3QX9MP</code></p>')
    expect(await html({ errorReference: '7K3QX9MP' })).toBe(await html({}))
  })

  it.each(payloads)('escapes a pasted identifier (reflected XSS): %s', async (payload) => {
    const page = await html({ identifier: payload })
    expect(page).not.toContain(payload)
    expect(page).toContain(payload.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`))
  })

  it.each(payloads)('shows no text of an error code from the URL: %s', async (payload) => {
    const page = await html({ error: payload })
    expect(page).not.toContain(payload)
    expect(page).toContain('Sign-in failed. Try again.')
  })

  it.each(payloads)('escapes the way back: %s', async (payload) => {
    expect(await html({ returnTo: `/${payload}` })).not.toContain(payload)
  })

  it.each(['//evil.dev', 'https://evil.dev', 'javascript:alert(1)'])(
    'does not carry %s along as the way back (open redirect)',
    async (returnTo) => {
      expect(await html({ returnTo })).toContain('name="returnTo" value="/"')
    },
  )

  it('says what was wrong, next to the field and for screen readers', async () => {
    const page = await html({ error: 'identity_not_found', identifier: 'alice.host.dev' })
    expect(page).toMatch(/<p role="alert" id="error">No account was found/)
    expect(page).toMatch(/value="alice\.host\.dev"[^>]* aria-describedby="error" aria-invalid="true"/)
  })

  it.each(['access_denied', 'server_refused', 'state_mismatch', 'identifier_', 'x'])(
    'does not call the field wrong when something else was: %s',
    async (error) => {
      const page = await html({ error, identifier: 'alice.host.dev' })
      expect(page).toContain('value="alice.host.dev"')
      expect(page).toContain(' aria-describedby="error"')
      expect(page).not.toContain('aria-invalid')
    },
  )

  it('has no alert when nothing was wrong', async () => {
    expect(await html({})).not.toContain('role="alert"')
  })

  it('sends the form by POST to the login route', async () => {
    expect(await html({})).toContain('<form method="post" action="/oauth/login">')
  })

  it('shortens an endless identifier', async () => {
    expect((await html({ identifier: 'x'.repeat(100_000) })).length).toBeLessThan(5_000)
  })

  it('O4 X11 runs no script, is not framed, not cached and not sniffed', () => {
    const headers = Object.fromEntries(signInPage(paths, {}).headers)
    expect(headers).toMatchObject({
      'cache-control': 'private, no-store',
      'content-type': 'text/html; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringMatching(/^default-src 'none';.*frame-ancestors 'none'/),
    })
    expect(headers['content-security-policy']).not.toContain('script-src')
  })
})

describe('signInPath', () => {
  it('is the bare page without hints', () => {
    expect(signInPath(paths, {})).toBe('/oauth/login')
  })

  it('leaves out a way back that is the usual one', () => {
    expect(signInPath(paths, { returnTo: '/' })).toBe('/oauth/login')
  })

  it('keeps hints apart from each other', () => {
    const path = signInPath(paths, { error: 'a&b', identifier: 'x=y&error=z', returnTo: '/compose?a=1&b=2' })
    expect(Object.fromEntries(new URL(path, 'https://app.host.dev').searchParams)).toEqual({
      error: 'a&b',
      identifier: 'x=y&error=z',
      returnTo: '/compose?a=1&b=2',
    })
  })

  it('N10 passes on the reference of an error, and nothing that is none', () => {
    const withReference = (errorReference: string) => signInPath(paths, { error: 'x', errorReference })
    expect(withReference('7K3QX9MP')).toBe('/oauth/login?error=x&errorReference=7K3QX9MP')
    for (const [, text] of noReferences) expect(withReference(text)).toBe('/oauth/login?error=x')
    expect(signInPath(paths, { errorReference: '7K3QX9MP' })).toBe('/oauth/login')
  })

  it('adds no line break to a Location header', () => {
    expect(signInPath(paths, { identifier: 'a\r\nset-cookie: x' })).not.toMatch(/[\r\n]/)
  })
})
