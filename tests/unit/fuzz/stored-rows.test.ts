/** Rows of a store, and values of an application's own: whatever stands in them, there is a whole row or none. */
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { createPendingSignIns } from '../../../lib/cli/workspace/pending-sign-ins.ts'
import { createSignedInAccounts } from '../../../lib/cli/workspace/signed-in-accounts.ts'
import { createBlindIndex } from '../../../lib/crypto/blind-index.ts'
import { sha256 } from '../../../lib/crypto/hash.ts'
import { generatePrivateJwk } from '../../../lib/crypto/keyset.ts'
import { createSealer } from '../../../lib/crypto/seal.ts'
import { isDid } from '../../../lib/identity/syntax.ts'
import { createFinishedFlows } from '../../../lib/next/limits/finished-flows.ts'
import { decodeAppState, encodeAppState } from '../../../lib/next/sign-in/app-state.ts'
import {
  fromSession,
  fromStateData,
  toSession,
  toStateData,
} from '../../../lib/oauth/records/custom-store-format.ts'
import { officialSessionSchema } from '../../../lib/oauth/records/official-client-session.ts'
import { createSessionRecords, createStateRecords } from '../../../lib/oauth/records/sealed-records.ts'
import { encodeSession } from '../../../lib/oauth/records/session-row.ts'
import { encodeState } from '../../../lib/oauth/records/state-row.ts'
import { createServerState, noncePattern } from '../../../lib/oauth/server/server-state.ts'
import { createSharedCache } from '../../../lib/oauth/server/shared-cache.ts'
import { shareNonces } from '../../../lib/oauth/server/shared-nonces.ts'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { ISSUER, NOW, SECRET, sessionRow, stateRow } from '../../support/unit/context.ts'
import { anyText, forAll, forAllSlow, like } from '../../support/unit/fuzz.ts'
import { expectPlain, hostileValue } from '../../support/unit/hostile-json.ts'

const ID = 'session-id'
const HOUR = 3_600_000
const clientId = 'https://app.host.dev/client.json'
const secrets = [SECRET] as const
const now = () => NOW
const dpopJwk = await generatePrivateJwk()
const session = encodeSession(
  sessionRow(dpopJwk, {
    label: 'Firefox',
    intent: { until: NOW, by: 'x' },
    refusals: { rotation: 0, since: NOW, times: 1 },
  }),
)
const state = encodeState(stateRow(dpopJwk, { pds: 'https://pds.host.dev', clientKeyId: 'k1' }))
const store = createMemoryStore({ now })

/** Seals whatever is given, as one who has the secret could. */
async function put(label: string, key: string, context: readonly string[], row: unknown): Promise<void> {
  await store.set(key, await createSealer(secrets, label).seal(row, context), HOUR)
}

/** Sealed rows like this one, and rows that are no seals. */
const rowsLike = (row: unknown) => hostileValue(row).filter((value) => value !== undefined)

describe('a sealed row', () => {
  const sessions = createSessionRecords({
    store,
    clientId,
    now,
    sealer: createSealer(secrets, 'session row'),
    blindIndex: createBlindIndex(secrets, 'account index'),
    lifetimeMs: 24 * HOUR,
    idleMs: 24 * HOUR,
  })
  const states = createStateRecords({ store, clientId, now, sealer: createSealer(secrets, 'state row') })

  it('of a session or connection is a session of a DID, or none', async () => {
    const hash = sha256(ID)
    await forAllSlow(rowsLike({ ...session, id: ID }), async (row) => {
      await put('session row', `session:${hash}`, ['session', clientId, hash], row)
      const found = await sessions.read(ID)
      if (!found) return
      expect(isDid(found.row.account.did)).toBe(true)
      expect(['active', 'reauth_required']).toContain(found.row.lifecycle.status.kind)
      expect(encodeSession(found.row).dpopJwk.kty).toBe('EC')
      expectPlain(found)
      expect(await sessions.take(ID)).toEqual(found.row)
    })
  })

  it('of a sign-in is one that has not ended, or none, and works once', async () => {
    const hash = sha256('state-1')
    await forAllSlow(rowsLike(state), async (row) => {
      await put('state row', `state:${hash}`, ['state', clientId, hash], row)
      const found = await states.take('state-1')
      expect(await states.take('state-1')).toBeUndefined()
      if (!found) return
      expect(found.expiresAt).toBeGreaterThan(NOW)
      if (found.account) expect(isDid(found.account.did)).toBe(true)
      expectPlain(found)
    })
  })

  it('of a finished sign-in answers the same callback, or none', async () => {
    const flows = createFinishedFlows({ store: createMemoryStore(), secrets, clientId })
    const callback = new URLSearchParams({ state: 'state-1', code: 'c', iss: ISSUER })
    const hash = sha256('state-1')
    const answer = sha256(JSON.stringify(['c', ISSUER]))
    const mine = createMemoryStore()
    const own = createFinishedFlows({ store: mine, secrets, clientId })
    const row = { answer, path: '/home', sessionId: ID, expiresAt: Date.now() + HOUR }
    await forAllSlow(rowsLike(row), async (value) => {
      const sealed = await createSealer(secrets, 'finished flow row').seal(value, [
        'finished',
        clientId,
        hash,
      ])
      await mine.set(`finished:${hash}`, sealed, HOUR)
      const found = await own.find(callback, 'turn')
      if (found) expect(found.path).toBeTypeOf('string')
      const other = new URLSearchParams({ state: 'state-1', code: 'other', iss: ISSUER })
      expect(await own.find(other, 'turn')).toBeUndefined()
    })
    expect(await flows.find(callback, 'turn')).toBeUndefined()
  })

  it('of a nonce gives one that a header can hold, or none', async () => {
    const sealer = createSealer(secrets, 'server row')
    const blindIndex = createBlindIndex(secrets, 'server index')
    await forAllSlow(rowsLike({ nonce: 'Nonce-1', seenAt: NOW }), async (row) => {
      const sharedCache = createSharedCache({
        store: createMemoryStore({ now }),
        sealer,
        blindIndex,
        clientId,
      })
      await sharedCache.write(JSON.stringify(['dpop-nonce', ISSUER]), row, HOUR)
      const nonce = await shareNonces(createServerState(), sharedCache, now).recallNonce(ISSUER, NOW)
      if (nonce !== undefined) expect(nonce).toMatch(noncePattern)
    })
  })

  it('of the command line is an account or a sign-in of it, or none', async () => {
    const did = session.did
    const client = { clientMetadata: {}, clientId: 'http://localhost', redirectUri: 'http://127.0.0.1/' }
    const account = {
      ...{ version: 1, did, handle: 'alice.host.dev', sessionId: ID, client, network: { allowHttp: false } },
      ...{ signedInAt: NOW, isShared: false },
    }
    const [name = ''] = await createBlindIndex(secrets, 'command line account')(did)
    await store.addMember('cli-accounts', name, HOUR)
    const hash = sha256('state-1')
    await forAllSlow(rowsLike(account), async (row) => {
      await put('command line account row', `cli-account:${name}`, [name], row)
      for (const found of await createSignedInAccounts({ store, secrets }).list())
        expect(isDid(found.did)).toBe(true)
      await put('command line sign-in row', `cli-sign-in:${hash}`, [hash], row)
      expectPlain(await createPendingSignIns({ store, secrets }).read('state-1'))
    })
  })

  it('that is no seal counts as absent', async () => {
    const hash = sha256(ID)
    const sealed = await createSealer(secrets, 'session row').seal({ ...session, id: ID }, [
      'session',
      clientId,
      hash,
    ])
    await forAllSlow(fc.oneof(like(sealed), anyText), async (text) => {
      await store.set(`session:${hash}`, text, HOUR)
      if (text !== sealed) expect(await sessions.read(ID)).toBeUndefined()
    })
  })
})

describe('a value of an application’s own store', () => {
  const stored = toSession({ id: ID, row: sessionRow(dpopJwk), generation: 1 })
  const data = toStateData(stateRow(dpopJwk))
  beforeAll(() => {
    expect(fromSession(structuredClone(stored))?.generation).toBe(1)
    expect(fromStateData(structuredClone(data))?.server.issuer).toBe(ISSUER)
  })

  it('is a session of a DID, or none', () => {
    forAll(hostileValue(stored), (value) => {
      const found = fromSession(value)
      if (!found) return
      expect([isDid(found.id), found.row.account.did]).toEqual([true, found.id])
      for (const address of [found.row.account.pds, found.row.server.tokenEndpoint])
        expect(URL.canParse(address)).toBe(true)
      expectPlain(found)
    })
  })

  it('is a sign-in, or none', () => {
    forAll(hostileValue(data), (value) => {
      const found = fromStateData(value)
      if (!found) return
      for (const address of [found.server.tokenEndpoint, found.server.parEndpoint])
        expect(URL.canParse(address)).toBe(true)
      expectPlain(found)
    })
  })

  it('that the official client wrote is a session of a DID, or none', () => {
    const { details: _, ...official } = stored
    forAll(hostileValue(official), (value) => {
      const { success, data: found } = officialSessionSchema.safeParse(value)
      if (success) expect(isDid(found.tokenSet.sub)).toBe(true)
      expectPlain(found)
    })
  })
})

it('what a sign-in remembers is that, or nothing', () => {
  const written = encodeAppState({ returnTo: '/home', scope: 'atproto', identifier: 'alice', link: 'user-1' })
  forAll(
    fc.oneof(
      hostileValue(JSON.parse(written)).map((value) => JSON.stringify(value)),
      like(written),
      anyText,
    ),
    (text) => {
      const found = decodeAppState(text)
      if (found) expect(found.returnTo).toBeTypeOf('string')
      expectPlain(found)
    },
  )
})
