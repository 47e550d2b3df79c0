import { describe, expect, it } from 'vitest'
import { hasChallenge } from '../../../../lib/oauth/server/www-authenticate.ts'
import { labelled } from '../../../support/unit/labelled.ts'

const says = (...headers: string[]) => {
  const response = new Response(null, { status: 401 })
  for (const header of headers) response.headers.append('www-authenticate', header)
  return hasChallenge(response, 'invalid_token')
}

describe('hasChallenge', () => {
  const recognised = [
    'DPoP error="invalid_token"',
    'DPoP error=invalid_token',
    'dpop error="invalid_token"',
    'DPOP ERROR="invalid_token"',
    'DPoP algs="ES256 RS256", error="invalid_token", error_description="expired"',
    'DPoP error="invalid_token", algs="ES256"',
    'DPoP error = "invalid_token"',
    'DPoP realm="a, b", error="invalid_token"',
    'DPoP realm="say \\"x\\"", error="invalid_token"',
    'DPoP error="invalid\\_token"',
    'Bearer realm="x", DPoP error="invalid_token"',
    'Bearer, DPoP error="invalid_token"',
    'Negotiate YWJj==, DPoP error="invalid_token"',
    'DPoP error_description="the "access" token is over", error="invalid_token"',
    'Negotiate YWJj, DPoP error="invalid_token"',
    'Basic realm="DPoP", Bearer error="x", DPoP algs="ES256", error="invalid_token"',
    '  DPoP   error="invalid_token"  ',
  ]
  it.each(recognised)('finds it in %s', (header) => {
    expect(says(header)).toBe(true)
  })

  it('finds it in the second of two headers', () => {
    expect(says('Bearer realm="x"', 'DPoP error="invalid_token"')).toBe(true)
  })

  const others = [
    '',
    'DPoP',
    'error="invalid_token"',
    'DPoP error="use_dpop_nonce"',
    'DPoP error="INVALID_TOKEN"',
    'DPoP error="invalid_token2"',
    'DPoP error=""',
    'DPoP error_description="error=invalid_token"',
    'DPoP realm="error=\\"invalid_token\\""',
    'DPoP realm="x, DPoP error=invalid_token"',
    'Bearer error="invalid_token"',
    'DPoP algs="ES256", Bearer error="invalid_token"',
    'Basic realm="the "x" DPoP", error="invalid_token"',
    'XDPoP error="invalid_token"',
    'DPoP-x error="invalid_token"',
    'DPoP xerror="invalid_token"',
    'DPoP error="invalid_token',
    `${'x,'.repeat(4_096)}DPoP error="invalid_token"`,
  ]
  it.each(labelled(others))('does not find it in %s', (_label, header) => {
    expect(says(header)).toBe(false)
  })

  it('does not find it where there is no header', () => {
    expect(hasChallenge(new Response(null), 'invalid_token')).toBe(false)
  })

  const hostile = [
    'a="'.repeat(20_000),
    'a = '.repeat(20_000),
    '"\\'.repeat(20_000),
    `a="${'\\'.repeat(60_000)}`,
  ]
  it.each(labelled(hostile))('reads a header made to be slow in no time: %s', (_label, header) => {
    const begun = performance.now()
    expect(says(header)).toBe(false)
    expect(performance.now() - begun).toBeLessThan(1_000)
  })
})
