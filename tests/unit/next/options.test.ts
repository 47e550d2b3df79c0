/** What createAtprotoAuth says of options that cannot be right: all of it, at once. */
import { describe, expect, it } from 'vitest'
import { createRuntime } from '../../../lib/next/config.ts'
import type { AtprotoAuthOptions } from '../../../lib/next/options.ts'
import { refusalOf } from '../../support/refusal.ts'

const PUBLIC_URL = 'https://app.host.dev'
const SECRET = 'Zk4vTq9-mXc2_bRw7.LpYd8~HsJ3+fGn6'
const silent = { warn() {}, error() {} }

const complaintOf = async (options: object) => {
  const { message } = await refusalOf(createRuntime({ logger: silent, ...options } as AtprotoAuthOptions)())
  return message
}

describe('options', () => {
  it('are complained of all at once, each with the fix', async () => {
    const message = await complaintOf({ secret: 'changeme', signInPage: 'sign-in', scope: 'openid' })
    const [head, ...lines] = message.split('\n')
    expect(head).toMatch(/^\d things have to be mended:$/)
    expect(lines).toEqual([
      expect.stringContaining('- PUBLIC_URL is missing: set it'),
      expect.stringContaining('- The option signInPage must be a path'),
      expect.stringContaining('- The scope must hold "atproto"'),
      expect.stringContaining('- ATPROTO_SECRET is too weak'),
      expect.stringContaining('- ATPROTO_CLIENT_KEYS is missing'),
    ])
    expect(message).not.toContain('changeme')
  })

  it('are a sentence when one thing is wrong', async () => {
    expect(await complaintOf({ publicUrl: PUBLIC_URL, secret: SECRET })).toMatch(
      /^ATPROTO_CLIENT_KEYS is missing/,
    )
  })

  it.each([
    ['clientname', { clientname: 'x' }, /^There is no option clientname\. The options are clientName, scope/],
    ['scope', { scope: ['atproto'] }, /^The option scope has to be a text\.$/],
    ['secret', { secret: 7 }, /^The option secret has to be a text or a list of texts\.$/],
    ['onSignIn', { onSignIn: 'x' }, /^The option onSignIn has to be a function\.$/],
    ['logger', { logger: { warn() {} } }, /^The option logger has to have the functions warn and error\.$/],
    ['signUpHosts', { signUpHosts: ['bsky.social'] }, /^The option signUpHosts\.0 has to be the origin/],
    [
      'allowServerAddress',
      { allowServerAddress: 'yes' },
      /^The option allowServerAddress has to be true or false\.$/,
    ],
    ['sessionIdleMs', { sessionIdleMs: 30 }, /^The option sessionIdleMs has to be a minute/],
    [
      'sessionLifetimeMs',
      { sessionLifetimeMs: '30d' },
      /^The option sessionLifetimeMs has to be a number of milliseconds\.$/,
    ],
    ['store', { store: 'redis://x' }, /^The option store has to be an object\.$/],
  ])('of a wrong kind are named: %s', async (_name, options, expected) => {
    const complaint = refusalOf(createRuntime(options as AtprotoAuthOptions)())
    expect((await complaint).message).toMatch(expected)
  })

  it('CF-4 ask for nothing at a sign-in that the client does not declare', async () => {
    const options = { publicUrl: 'http://127.0.0.1:3000', secret: SECRET }
    expect(await complaintOf({ ...options, signInScope: 'atproto repo:a.b.c' })).toBe(
      'The option signInScope holds "repo:a.b.c", which the option scope does not.',
    )
    expect(await complaintOf({ ...options, scope: 'atproto repo:a.b.c', signInScope: 'repo:a.b.c' })).toMatch(
      /must hold "atproto"/,
    )
  })

  it('are all taken when they are left out', async () => {
    const options = {
      publicUrl: 'http://127.0.0.1:3000',
      secret: SECRET,
      clientName: undefined,
      onError: undefined,
    }
    expect((await createRuntime(options)()).scopes).toEqual({ declared: 'atproto', signIn: 'atproto' })
  })
})
