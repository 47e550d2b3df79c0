import { describe, expect, it } from 'vitest'
import { generatePrivateJwk, importSigningKey } from '../../../../lib/crypto/keyset.ts'
import { endSession, endSessions } from '../../../../lib/oauth/tokens/revoke.ts'
import { createContext, ISSUER, sessionRow } from '../../../support/unit/context.ts'
import { ALICE } from '../../../support/unit/names.ts'

/** A session whose key was imported, as by a call. */
async function usedSession() {
  const dpopJwk = await generatePrivateJwk()
  const context = createContext()
  const row = sessionRow(dpopJwk, { revocationEndpoint: `${ISSUER}/revoke` })
  const session = await context.sessions.create('id', row)
  return { context, session, dpopJwk, imported: await importSigningKey(dpopJwk) }
}

describe('a session that is ended', () => {
  it('leaves no imported key in memory, although its tokens are still to be revoked with it', async () => {
    const { context, session, dpopJwk, imported } = await usedSession()
    await endSession(session, context)
    expect(await importSigningKey(dpopJwk)).not.toBe(imported)
  })

  it('leaves none when it is ended with all others of its account', async () => {
    const { context, dpopJwk, imported } = await usedSession()
    await endSessions(() => context.sessions.list(ALICE), context)
    expect(await importSigningKey(dpopJwk)).not.toBe(imported)
  })
})
