import { describe, expect, it } from 'vitest'
import type { QueryValue } from '../../../../lib/react/sign-in/search-param.ts'
import { SignInForm, type SignInFormProps } from '../../../../lib/react/sign-in/sign-in-form.tsx'
import { signInErrorMessage } from '../../../../lib/web/sign-in-error.ts'
import { noReferences } from '../../../support/unit/no-references.ts'
import { render, renderSettled } from '../../../support/unit/render.ts'

const html = (props: SignInFormProps = {}) => render(SignInForm, props)
const input = (props: SignInFormProps = {}) => /<input [^>]*name="identifier"[^>]*>/.exec(html(props))?.[0]
const payloads = ['"><script>alert(1)</script>', "' onfocus='alert(1)", '</div><img src=x onerror=alert(1)>']

describe('SignInForm', () => {
  it('is a plain form to the login route, with what a password manager and a phone need to know', () => {
    expect(html()).toContain('action="/oauth/login" method="post"')
    for (const attribute of [
      'autoComplete="username"',
      'autoCapitalize="none"',
      'spellCheck="false"',
      'required=""',
    ])
      expect(input()).toContain(attribute)
    expect(html()).not.toMatch(/<script|type="password"|role="alert"|autofocus/i)
  })

  it('posts to where the route handlers are mounted', () => {
    expect(html({ basePath: '/shop/oauth' })).toContain('action="/shop/oauth/login"')
  })

  it('carries the way back and the scope along, and leaves out what is not given', () => {
    const form = html({ returnTo: '/there?a=b', scope: 'atproto transition:email' })
    expect(form).toContain('<input type="hidden" name="returnTo" value="/there?a=b"/>')
    expect(form).toContain('<input type="hidden" name="scope" value="atproto transition:email"/>')
    expect(html({ error: undefined })).not.toContain('type="hidden"')
  })

  it('takes values of searchParams as they come: one that is repeated, empty or overlong counts as absent', () => {
    const odd = html({ identifier: ['a', 'b'], returnTo: '', error: 'x'.repeat(3_000) })
    expect(odd.replaceAll(/id="[^"]*"|for="[^"]*"/gi, '')).toBe(
      html({ error: undefined }).replaceAll(/id="[^"]*"|for="[^"]*"/gi, ''),
    )
  })

  it.each(payloads)('escapes an identifier from the URL (reflected XSS): %s', (payload) => {
    expect(html({ identifier: payload, returnTo: `/${payload}` })).not.toContain(payload)
  })

  it.each(payloads)('shows no text of an error code from the URL: %s', (payload) => {
    const form = html({ error: payload })
    expect(form).not.toContain(payload)
    expect(form).toContain('Sign-in failed. Try again.')
  })

  it('says what was wrong, next to the field and for screen readers', () => {
    const form = html({ error: 'access_denied' })
    const [, id = ''] = /role="alert" id="([^"]+)"/.exec(form) ?? []
    expect(form).toContain(signInErrorMessage('access_denied'))
    expect(input({ error: 'access_denied' })).not.toContain('aria-invalid')
    expect(form).toContain(`aria-describedby="${id}"`)
    expect(form).toMatch(/autofocus/i)
  })

  it.each([
    'invalid_identifier',
    'identifier_is_email',
    'identifier_is_web_address',
    'identifier_in_other_letters',
    'identity_not_found',
  ])('calls the field wrong when the input was: %s', (error) => {
    expect(input({ error })).toContain('aria-invalid="true"')
    expect(input({ state: { error } })).toContain('aria-invalid="true"')
  })

  it('prefers what an action returned to what the URL says', () => {
    const form = html({ state: { error: 'access_denied', identifier: 'new' }, error: 'x', identifier: 'old' })
    expect(form).toContain(signInErrorMessage('access_denied'))
    expect(form).toContain('value="new"')
  })

  it('N10 shows the reference of an error below it, outside of the alert', () => {
    expect(html({ error: 'access_denied', errorReference: '7K3QX9MP' })).toMatch(
      /role="alert"[^>]*>[^<]*<\/p><p data-atproto="reference">Reference: <code translate="no">7K3QX9MP<\/code><\/p>/,
    )
  })

  it.each(noReferences)('N10 shows no reference that is none of ours: %s', (_, errorReference) => {
    const state = { error: 'access_denied' }
    for (const form of [
      html({ error: 'access_denied', errorReference }),
      html({ state: { ...state, errorReference } }),
    ]) {
      expect(form).toContain(signInErrorMessage('access_denied'))
      expect(form).not.toContain('reference')
    }
  })

  it('N10 shows no reference twice in a link, without an error, or of an earlier error', () => {
    const [reference, state] = ['7K3QX9MP', { error: 'access_denied' }]
    expect(html({ error: 'x', errorReference: [reference, reference] })).not.toContain('reference')
    expect(html({ errorReference: reference })).not.toContain('reference')
    expect(html({ state, error: 'x', errorReference: reference })).not.toContain('reference')
    expect(html({ state: { ...state, errorReference: reference } })).toContain(reference)
  })

  it('shows the words, classes and parts of the application', () => {
    const form = html({
      label: 'Name',
      hint: 'Hinweis',
      placeholder: 'alice.test',
      submitLabel: 'Anmelden',
      errorMessage: 'Falsch',
      referenceLabel: 'Kennung:',
      error: 'access_denied',
      errorReference: '7K3QX9MP',
      className: 'outer',
      classNames: { form: 'f', label: 'l', hint: 'h', error: 'e', reference: 'r', input: 'i', submit: 's' },
      slots: { before: 'above', beforeSubmit: 'between', after: 'below' },
    })
    expect(form).toMatch(
      /class="outer">above<form .*Falsch.*Kennung: <code.*Name.*Hinweis.*between.*Anmelden.*<\/form>below/,
    )
    for (const name of ['f', 'l', 'h', 'e', 'r', 'i', 's']) expect(form).toContain(`class="${name}"`)
    expect(form).not.toContain(signInErrorMessage('access_denied'))
  })

  it('offers the hosts for new accounts, each in a form of its own', () => {
    const form = html({ signUpHosts: ['bsky.social', { url: 'https://pds.example.com/', label: 'Ours' }] })
    expect(form.match(/<input type="hidden" name="prompt" value="create"\/>/g)).toHaveLength(2)
    expect(form).toContain('name="identifier" value="https://bsky.social"')
    expect(form).toMatch(/value="https:\/\/pds\.example\.com".*Ours/)
  })

  it('has the same plain field where suggestions are wanted, until their code is there', () => {
    const form = html({ suggestions: { label: 'Vorschläge' } })
    expect(form).toContain(`<div data-atproto="combobox">${input()}</div>`)
    expect(form).not.toMatch(/role=|style=|aria-/)
  })

  it.each(['http://pds.example.com', 'javascript:alert(1)'])(
    'throws for a host that is not https: %s',
    (url) => {
      expect(() => html({ signUpHosts: [url] })).toThrow(TypeError)
      expect(() => html({ suggestions: { appView: url } })).toThrow(TypeError)
    },
  )
})

describe('a form in a browser without scripts', () => {
  const field = '<noscript><input type="hidden" name="scripts" value="off"/></noscript>'

  it('says so where it is given no error to show, and so do its sign-up buttons', () => {
    const html = render(SignInForm, { signUpHosts: ['https://bsky.social'] })
    expect(html.split(field)).toHaveLength(3)
  })

  it.each([{ error: undefined }, { error: 'access_denied' }, { state: null }])(
    'does not where it shows errors itself: %j',
    (props) => {
      expect(render(SignInForm, { ...props, signUpHosts: ['https://bsky.social'] })).not.toContain('noscript')
    },
  )
})

describe('a form that is given the query of its page', () => {
  const signUpHosts = ['https://bsky.social']
  const query = (values: Readonly<Record<string, QueryValue>>) => Promise.resolve(values)
  const settled = (values: Readonly<Record<string, QueryValue>>) =>
    renderSettled(SignInForm, { query: query(values), signUpHosts, hint: 'Your name.' })

  it('can be used before the query is known, and so can its sign-up buttons', () => {
    const form = render(SignInForm, { query: new Promise<never>(() => undefined), signUpHosts })
    expect(form).toContain('name="identifier"')
    expect(form).toContain('Create an account on bsky.social')
    expect(form).not.toMatch(/name="(returnTo|scope)"|role="alert"/)
  })

  it('carries the way back and the scope along in each of its forms, and shows the error', async () => {
    const form = await settled({ returnTo: '/there', scope: 'atproto', error: 'access_denied' })
    expect(form.split('name="returnTo" value="/there"')).toHaveLength(3)
    expect(form.split('name="scope" value="atproto"')).toHaveLength(3)
    expect(form).toContain(signInErrorMessage('access_denied'))
  })

  it('N10 shows the reference of the error, and nothing that is none', async () => {
    const error = 'access_denied'
    const form = await settled({ error, errorReference: '7K3QX9MP' })
    expect(form).toContain('<code translate="no">7K3QX9MP</code>')
    for (const [, text] of noReferences)
      expect(await settled({ error, errorReference: text })).not.toContain('reference')
  })

  it.each(payloads)('shows nothing of a link that is not a text of ours: %s', async (payload) => {
    const form = await settled({ returnTo: payload, scope: payload, error: payload, identifier: payload })
    expect(form).not.toContain(payload)
    expect(await settled({ returnTo: ['/a', '/b'], scope: '' })).not.toMatch(/name="(returnTo|scope)"/)
  })
})
