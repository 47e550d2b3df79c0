import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { pageHeaders, renderCallbackPage, renderPage } from '../../../../lib/cli/sign-in/callback-pages.ts'

describe('a page of the listener', () => {
  it('shows what a server says as text, whatever it holds', () => {
    const text = '<img src=x onerror="alert(1)"> & \'more\''
    const page = renderPage({ title: text, text })
    expect(page).not.toContain('<img')
    expect(page).toContain('&#60;img src=x onerror=&#34;alert(1)&#34;&#62; &#38; &#39;more&#39;')
  })

  it('runs no script, loads nothing and is in nobody’s frame', () => {
    expect(renderPage({ title: 'Signed in', text: 'Done.' })).not.toContain('<script')
    const policy = pageHeaders['content-security-policy']
    expect(policy).toMatch(/^default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'/)
  })
})

describe('the callback page', () => {
  const page = renderCallbackPage()

  it.each(['script', 'style'])('allows its own %s by its hash, and no other', (tag) => {
    const [, body = ''] = new RegExp(`<${tag}>(.*?)</${tag}>`, 's').exec(page) ?? []
    const hash = createHash('sha256').update(body).digest('base64')
    expect(page).toContain(`${tag}-src 'sha256-${hash}';`)
  })

  it('sends its address, which holds a code, nowhere', () => {
    expect(page).toContain("default-src 'none'")
    expect(page).toContain('<meta name="referrer" content="no-referrer">')
    expect(page).not.toMatch(/https?:|fetch\(|<a |<img|<link/)
  })

  it('says without scripts what to do', () => {
    expect(page.replace(/<script>.*<\/script>/s, '')).toContain(
      'Copy the complete address of this page from the address bar',
    )
  })
})
