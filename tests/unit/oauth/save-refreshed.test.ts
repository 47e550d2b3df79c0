import { describe, expect, it } from 'vitest'
import { generatePrivateJwk } from '../../../lib/crypto/keyset.ts'
import { StoreUnavailableError, TokenRevokedError } from '../../../lib/errors.ts'
import { saveRefreshed } from '../../../lib/oauth/save-refreshed.ts'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { createContext, NOW, sessionRow } from '../support/context.ts'

const dpopJwk = await generatePrivateJwk()
const old = sessionRow(dpopJwk)
const renewed = sessionRow(dpopJwk, { accessToken: 'renewed', refreshToken: 'renewed-too' })

async function signedIn() {
  const store = createMemoryStore({ now: () => NOW })
  const context = createContext({ store })
  return { store, context, session: await context.sessions.create('id', old) }
}

describe('saveRefreshed', () => {
  it('writes the new tokens and counts the generation up', async () => {
    const { context, session } = await signedIn()
    expect(await saveRefreshed(session, renewed, context)).toEqual({ id: 'id', row: renewed, generation: 2 })
    expect((await context.sessions.read('id'))?.row.accessToken).toBe('renewed')
  })

  it('tries again when the store fails for a moment', async () => {
    const { store, context, session } = await signedIn()
    const update = store.update.bind(store)
    let failures = 2
    store.update = async (...values) => {
      failures -= 1
      if (failures >= 0) throw new StoreUnavailableError('down')
      return update(...values)
    }
    expect((await saveRefreshed(session, renewed, context)).generation).toBe(2)
  })

  it('knows its own write again when only the answer was lost', async () => {
    const { store, context, session } = await signedIn()
    const update = store.update.bind(store)
    let isLost = true
    store.update = async (...values) => {
      const written = await update(...values)
      if (!isLost) return written
      isLost = false
      throw new StoreUnavailableError('the answer was lost')
    }
    expect((await saveRefreshed(session, renewed, context)).row.accessToken).toBe('renewed')
  })

  it('brings no session back that was signed out meanwhile', async () => {
    const { context, session } = await signedIn()
    await context.sessions.take('id')
    await expect(saveRefreshed(session, renewed, context)).rejects.toBeInstanceOf(TokenRevokedError)
    expect(await context.sessions.read('id')).toBeUndefined()
  })

  it('does not hand out a session without tokens that another process ended meanwhile', async () => {
    const { context, session } = await signedIn()
    const status = { kind: 'reauth_required', reason: 'revoked' } as const
    await context.sessions.update(session, { ...old, accessToken: '', refreshToken: undefined, status })
    await expect(saveRefreshed(session, renewed, context)).rejects.toBeInstanceOf(TokenRevokedError)
  })
})
