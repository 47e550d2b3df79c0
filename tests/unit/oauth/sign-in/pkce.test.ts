import { describe, expect, it } from 'vitest'
import { challengeOf, createPkce } from '../../../../lib/oauth/sign-in/pkce.ts'

describe('challengeOf', () => {
  it('PK-2 gives the challenge of RFC 7636, Appendix B', async () => {
    const challenge = await challengeOf('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')
    expect(challenge).toBe('E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM')
  })
})

describe('createPkce', () => {
  it('PK-1 makes a verifier of 43 unreserved characters with its challenge', async () => {
    const { verifier, challenge } = await createPkce()
    expect(verifier).toMatch(/^[A-Za-z0-9._~-]{43}$/)
    expect(challenge).toBe(await challengeOf(verifier))
  })

  it('makes another pair for each attempt', async () => {
    const pairs = await Promise.all(Array.from({ length: 200 }, createPkce))
    expect(new Set(pairs.map(({ verifier }) => verifier)).size).toBe(200)
  })
})
