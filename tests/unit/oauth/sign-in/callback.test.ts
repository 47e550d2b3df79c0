import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { parseCallback, shownParams } from '../../../../lib/oauth/sign-in/callback-parameters.ts'

const parse = (query: string) => parseCallback(new URLSearchParams(query))
const ISS = 'iss=https%3A%2F%2Fas.host.dev'

describe('parseCallback', () => {
  it('reads a code', () => {
    expect(parse(`state=s&code=c&${ISS}`)).toEqual({
      state: 's',
      issuer: 'https://as.host.dev',
      result: { code: 'c' },
    })
  })

  it('reads an error', () => {
    expect(parse(`state=s&error=access_denied&error_description=x&${ISS}`)).toMatchObject({
      result: { error: 'access_denied', errorDescription: 'x' },
    })
    expect(parse(`state=s&error=access_denied&${ISS}`).result).toEqual({
      error: 'access_denied',
      errorDescription: undefined,
    })
  })

  it('SF-6 cleans and shortens the words of the server, which may quote the state', () => {
    const state = 'Xq7_Zk4vTq9-mXc2bRw7LpYd8HsJ3fGn6'
    const words = `a\u009b\n${state} ${'x'.repeat(1_000)}`
    const query = new URLSearchParams({
      state,
      error: words,
      error_description: words,
      iss: 'https://as.host.dev',
    })
    const { result } = parse(`${query}`)
    expect(result).toEqual({
      error: `a [redacted] ${'x'.repeat(128 - 13)}`,
      errorDescription: `a [redacted] ${'x'.repeat(300 - 13)}`,
    })
  })

  it('passes over parameters it does not know, even empty ones', () => {
    expect(parse(`state=s&code=c&${ISS}&session_state=1&note=`)).toMatchObject({ state: 's' })
  })

  const malformed = {
    'an empty query': '',
    'a missing state': `code=c&${ISS}`,
    'an empty state': `state=&code=c&${ISS}`,
    'a doubled parameter of another name': `state=s&code=c&${ISS}&session_state=1&session_state=2`,
    'a doubled state': `state=s&state=s&code=c&${ISS}`,
    'a second, other state': `state=s&state=t&code=c&${ISS}`,
    'an oversized state': `state=${'s'.repeat(4_097)}&code=c&${ISS}`,
    'a missing issuer, as servers without RFC 9207 send it': 'state=s&code=c',
    'an empty issuer': 'state=s&code=c&iss=',
    'a doubled issuer (mix-up)': `state=s&code=c&${ISS}&iss=https%3A%2F%2Fevil.dev`,
    'an oversized issuer': `state=s&code=c&iss=${'i'.repeat(4_097)}`,
    'neither code nor error': `state=s&${ISS}`,
    'an empty code': `state=s&code=&${ISS}`,
    'a doubled code': `state=s&code=c&code=d&${ISS}`,
    'a code of 100 KB': `state=s&code=${'c'.repeat(100_000)}&${ISS}`,
    'an empty error': `state=s&error=&${ISS}`,
    'a doubled error': `state=s&error=a&error=b&${ISS}`,
    'code and error together': `state=s&code=c&error=access_denied&${ISS}`,
    'a JARM response beside the code': `state=s&code=c&${ISS}&response=eyJ`,
    'a JARM response alone': 'response=eyJ',
    'names in upper case': `STATE=s&CODE=c&${ISS}`,
    'names of a list': `state[]=s&code[]=c&${ISS}`,
    'parameters of the fragment flow': `access_token=t&token_type=Bearer&state=s&${ISS}`,
  }
  it.each(Object.entries(malformed))('refuses %s', (_what, query) => {
    expect(() => parse(query)).toThrow(
      expect.objectContaining({ name: 'OAuthCallbackError', code: 'invalid_callback' }),
    )
  })

  it('hands the parameters back when it refuses', () => {
    expect(() => parse('state=s&code=c&note=n')).toThrow(
      expect.objectContaining({
        params: expect.toSatisfy((params: URLSearchParams) => params.get('note') === 'n'),
      }),
    )
  })

  it('shows neither code nor state when it refuses', () => {
    let shown = ''
    try {
      parse('state=state-canary&code=code-canary')
    } catch (error) {
      shown = inspect(error, { depth: 9 })
    }
    expect(shown).toContain('iss is missing')
    expect(shown).not.toContain('canary')
  })
})

describe('shownParams', () => {
  it('SF-6 cleans names and values, and keeps ordinary ones', () => {
    const params = new URLSearchParams([
      ['iss', 'https://as.host.dev'],
      ['error_description', 'Two words'],
      ['a\u202eb', `x\u0000y ref-${'0f'.repeat(32)}`],
    ])
    expect([...shownParams(params)]).toEqual([
      ['iss', 'https://as.host.dev'],
      ['error_description', 'Two words'],
      ['ab', 'xy [redacted]'],
    ])
  })
})
