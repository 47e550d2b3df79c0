import { afterEach, describe, expect, it, vi } from 'vitest'
import { generatePrivateJwk } from '../../../../lib/crypto/keyset.ts'
import { StoreUnavailableError, TokenRevokedError } from '../../../../lib/errors.ts'
import { createCustomSessionRecords } from '../../../../lib/oauth/records/custom-store-records.ts'
import { saveRefreshed, saveUnsaved } from '../../../../lib/oauth/tokens/save-refreshed.ts'
import { createMemoryStore } from '../../../../lib/store/memory.ts'
import { createContext, NOW, sessionRow } from '../../../support/unit/context.ts'
import { useFakeTimers, useRealTimers } from '../../../support/unit/fake-timers.ts'

const dpopJwk = await generatePrivateJwk()
const old = sessionRow(dpopJwk)
const refreshed = sessionRow(dpopJwk, {
  accessToken: 'refreshed',
  refreshToken: 'refreshed-too',
  rotation: 1,
})

async function signedIn() {
  const store = createMemoryStore({ now: () => NOW })
  const context = createContext({ store })
  return { store, context, session: await context.sessions.create('id', old) }
}

afterEach(() => useRealTimers())

describe('S4 a store that takes no write for longer than ten seconds', () => {
  it('leaves the new tokens with this process, which writes them before the next refresh', async () => {
    useFakeTimers({ toFake: ['setTimeout'] })
    const { store, context, session } = await signedIn()
    const update = store.update.bind(store)
    store.update = () => Promise.reject(new StoreUnavailableError('down'))
    let outcome: unknown
    saveRefreshed(session, refreshed, context).catch((error: unknown) => {
      outcome = error
    })
    while (outcome === undefined) {
      await vi.advanceTimersByTimeAsync(1_000)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(outcome).toBeInstanceOf(StoreUnavailableError)
    store.update = update
    expect((await saveUnsaved(session, context)).row.tokens.accessToken).toBe('refreshed')
    expect((await context.sessions.read('id'))?.row.tokens.accessToken).toBe('refreshed')
    expect(context.tokenMemory.unsaved.size).toBe(0)
  })

  it('does not bring tokens back that another process has refreshed since', async () => {
    const { context, session } = await signedIn()
    context.tokenMemory.unsaved.set('id', refreshed)
    const newer = {
      ...session,
      row: sessionRow(dpopJwk, { accessToken: 'newer', refreshToken: 'refreshed-too', rotation: 2 }),
    }
    expect((await saveUnsaved(newer, context)).row.tokens.accessToken).toBe('newer')
    expect(context.tokenMemory.unsaved.size).toBe(0)
  })
})

describe('on a store with one session for each account', () => {
  const entries = new Map()
  const store = {
    get: (key: string) => entries.get(key),
    set: (key: string, value: unknown) => void entries.set(key, value),
    del: (key: string) => void entries.delete(key),
  }

  /** Alice signed in again, and the old session had got to where the new one is now. */
  async function signedInAgain() {
    entries.clear()
    const lasting = { lifetimeMs: 3_600_000, idleMs: 3_600_000, now: () => NOW }
    const readOfficial = async () => undefined
    const sessions = createCustomSessionRecords({ store, ...lasting, readOfficial })
    const before = await sessions.create('', old)
    const newRow = sessionRow(await generatePrivateJwk(), { accessToken: 'of the new sign-in' })
    const session = await sessions.create('', newRow)
    return { context: { ...createContext(), sessions }, before, session }
  }

  it('does not write the refreshed tokens of the old session over a new sign-in', async () => {
    const { context, before } = await signedInAgain()
    expect((await saveRefreshed(before, refreshed, context)).row.tokens.accessToken).toBe(
      'of the new sign-in',
    )
    expect((await context.sessions.read(old.account.did))?.row.tokens.accessToken).toBe('of the new sign-in')
  })

  it('does not write kept tokens of the old session over a new sign-in', async () => {
    const { context, session } = await signedInAgain()
    context.tokenMemory.unsaved.set(session.id, {
      ...refreshed,
      tokens: { ...refreshed.tokens, rotation: 3 },
    })
    expect((await saveUnsaved(session, context)).row.tokens.accessToken).toBe('of the new sign-in')
    expect((await context.sessions.read(old.account.did))?.row.tokens.accessToken).toBe('of the new sign-in')
    expect(context.tokenMemory.unsaved.size).toBe(0)
  })
})

describe('saveRefreshed', () => {
  it('goes over a record of the session’s use that was written in the meantime', async () => {
    const { context, session } = await signedIn()
    await context.sessions.update(session, sessionRow(dpopJwk, { lastUsedAt: NOW + 1 }))
    expect((await saveRefreshed(session, refreshed, context)).row.tokens.accessToken).toBe('refreshed')
    expect((await context.sessions.read('id'))?.row.tokens.refreshToken).toBe('refreshed-too')
  })

  it('writes the new tokens and counts the generation up', async () => {
    const { context, session } = await signedIn()
    expect(await saveRefreshed(session, refreshed, context)).toEqual({
      id: 'id',
      row: refreshed,
      generation: 2,
    })
    expect((await context.sessions.read('id'))?.row.tokens.accessToken).toBe('refreshed')
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
    expect((await saveRefreshed(session, refreshed, context)).generation).toBe(2)
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
    expect((await saveRefreshed(session, refreshed, context)).row.tokens.accessToken).toBe('refreshed')
  })

  it('brings no session back that was signed out meanwhile', async () => {
    const { context, session } = await signedIn()
    await context.sessions.take('id')
    await expect(saveRefreshed(session, refreshed, context)).rejects.toBeInstanceOf(TokenRevokedError)
    expect(await context.sessions.read('id')).toBeUndefined()
  })

  it('does not hand out a session without tokens that another process ended meanwhile', async () => {
    const { context, session } = await signedIn()
    const status = { kind: 'reauth_required', reason: 'revoked' } as const
    await context.sessions.update(
      session,
      sessionRow(dpopJwk, { accessToken: '', refreshToken: undefined, status }),
    )
    await expect(saveRefreshed(session, refreshed, context)).rejects.toBeInstanceOf(TokenRevokedError)
  })
})
