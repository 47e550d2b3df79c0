/** Sessions whose tokens are as long as an answer of a server may be. */
import { describe, expect, it } from 'vitest'
import { createBlindIndex } from '../../../lib/crypto/blind-index.ts'
import { generatePrivateJwk } from '../../../lib/crypto/keyset.ts'
import { createSealer } from '../../../lib/crypto/seal.ts'
import { createSessionRecords } from '../../../lib/oauth/records/sealed-records.ts'
import { SECRET } from '../client.ts'
import { sessionRow } from '../unit/context.ts'
import { MINUTE_MS, type Subject } from './subject.ts'

export function describeLongTokens(subject: Subject): void {
  describe('a session with tokens of 60,000 characters', () => {
    it('is stored, rewritten and read whole', async () => {
      const now = Date.now()
      const sessions = createSessionRecords({
        store: subject.store,
        clientId: 'http://localhost',
        now: () => now,
        lifetimeMs: 60 * MINUTE_MS,
        idleMs: 60 * MINUTE_MS,
        sealer: createSealer([SECRET], 'session row'),
        blindIndex: createBlindIndex([SECRET], 'account index'),
      })
      const times = { createdAt: now, lastUsedAt: now, issuedAt: now, verifiedAt: now }
      const row = sessionRow(await generatePrivateJwk(), {
        ...times,
        accessToken: 'a'.repeat(60_000),
        refreshToken: 'r'.repeat(60_000),
      })
      const created = await sessions.create('session', row)
      const rotated = { ...row, tokens: { ...row.tokens, accessToken: 'b'.repeat(60_000), rotation: 1 } }
      await sessions.update(created, rotated)
      expect((await sessions.read('session'))?.row.tokens).toEqual(rotated.tokens)
    })
  })
}
