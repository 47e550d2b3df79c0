import { describe, expect, it } from 'vitest'
import { generatePrivateJwk } from '../../../../lib/crypto/keyset.ts'
import { TokenRevokedError } from '../../../../lib/errors.ts'
import { requireReauth } from '../../../../lib/oauth/tokens/require-reauth.ts'
import { refusalOf } from '../../../support/refusal.ts'
import { createContext, sessionRow } from '../../../support/unit/context.ts'

const dpopJwk = await generatePrivateJwk()

async function signedIn() {
  const context = createContext()
  return { context, session: await context.sessions.create('id', sessionRow(dpopJwk)) }
}

describe('a session that needs a new sign-in', () => {
  it('leaves no tokens in the store for someone who can read it', async () => {
    const { context, session } = await signedIn()
    expect(session.row.tokens.accessToken).not.toBe('')
    expect(session.row.tokens.refreshToken).toBeTruthy()
    const error = await refusalOf(requireReauth(session, 'revoked', context))
    expect(error).toBeInstanceOf(TokenRevokedError)
    const stored = await context.sessions.read('id')
    expect(stored?.row.tokens).toMatchObject({ accessToken: '', refreshToken: undefined })
    expect(stored?.row.lifecycle.status).toEqual({ kind: 'reauth_required', reason: 'revoked' })
  })

  it('goes on with the tokens that another process has refreshed meanwhile', async () => {
    const { context, session } = await signedIn()
    const newer = sessionRow(dpopJwk, { accessToken: 'newer', refreshToken: 'newer-too', rotation: 1 })
    await context.sessions.update(session, newer)
    const kept = await requireReauth(session, 'revoked', context)
    expect(kept.row.tokens.accessToken).toBe('newer')
    expect((await context.sessions.read('id'))?.row.lifecycle.status.kind).toBe('active')
  })
})
