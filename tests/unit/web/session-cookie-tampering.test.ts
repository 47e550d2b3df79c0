import { describe, expect, it } from 'vitest'
import type { Secrets } from '../../../lib/config/secrets.ts'
import { sha256 } from '../../../lib/crypto/hash.ts'
import { looksLikeSeal } from '../../../lib/web/cookie-seal.ts'
import { readFlowCookie, sealFlowCookie } from '../../../lib/web/flow-cookie.ts'
import {
  createSessionCookieCache,
  openSessionCookie,
  sealSessionCookie,
} from '../../../lib/web/session-cookie.ts'
import { createMutator, withBitFlipped } from '../../support/mutants.ts'
import { SECRET } from '../../support/unit/context.ts'
import { labelled } from '../../support/unit/labelled.ts'
import { ALICE } from '../../support/unit/names.ts'

const secrets: Secrets = [SECRET]
const content = { did: ALICE, sessionIds: ['id'] } as const
const sealed = await sealSessionCookie(content, secrets, 3_600)
/**
 * Without iron-session's version mark, which stands outside the seal and means nothing, and without the last
 * character before it, of whose six bits base64url reads four: another spelling of the same bytes.
 */
const signedLengthOf = (seal: string) => seal.lastIndexOf('~') - 1
const signedLength = signedLengthOf(sealed)

describe('a cookie that was tampered with', () => {
  it('does not open with any one bit flipped', async () => {
    const mutants = Array.from({ length: signedLength * 7 }, (_, n) =>
      withBitFlipped(sealed, Math.floor(n / 7), n % 7),
    )
    const opened = await Promise.all(mutants.map((mutant) => openSessionCookie(mutant, secrets)))
    expect(mutants.length).toBeGreaterThan(2_000)
    expect(opened.filter((result) => result !== undefined)).toEqual([])
  })

  it('opens to nothing but its own content, however its end is spelt', async () => {
    const ends = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_*~')
    const opened = await Promise.all(
      ends.map((end) => openSessionCookie(sealed.slice(0, signedLength) + end, secrets)),
    )
    expect(opened.filter((result) => result && result.sessionIds[0] !== content.sessionIds[0])).toEqual([])
    expect(opened.filter(Boolean).length).toBeLessThanOrEqual(4)
  })

  it('does not open truncated, wherever it was cut', async () => {
    const cuts = Array.from({ length: signedLength + 1 }, (_, length) => sealed.slice(0, length))
    const opened = await Promise.all(cuts.map((cut) => openSessionCookie(cut, secrets)))
    expect(opened.filter((result) => result !== undefined)).toEqual([])
  })

  it('does not open with a part taken from another of our cookies', async () => {
    const other = (await sealSessionCookie({ did: ALICE, sessionIds: ['mallory'] }, secrets, 3_600)).split(
      '*',
    )
    const own = sealed.split('*')
    const spliced = own.map((_, at) => own.map((part, index) => (index === at ? other[at] : part)).join('*'))
    const opened = await Promise.all(spliced.map((text) => openSessionCookie(text, secrets)))
    // Prefix, key id and (within one second) expiry are the same in both.
    const foreign = opened.filter(
      (result) => result !== undefined && result.sessionIds[0] !== content.sessionIds[0],
    )
    expect(foreign).toEqual([])
  })

  it('does not live longer by a later expiry', async () => {
    const parts = sealed.split('*')
    parts[5] = String(Number(parts[5]) + 1_000_000)
    expect(await openSessionCookie(parts.join('*'), secrets)).toBeUndefined()
  })

  it('does not live for ever by having its expiry removed', async () => {
    const parts = sealed.split('*')
    parts[5] = ''
    expect(await openSessionCookie(parts.join('*'), secrets)).toBeUndefined()
  })

  it('does not open a flow with any one character altered', async () => {
    const flow = await sealFlowCookie('state', secrets)
    const mutants = Array.from({ length: signedLengthOf(flow) }, (_, at) => withBitFlipped(flow, at, 0))
    const opened = await Promise.all(mutants.map((mutant) => readFlowCookie('state', mutant, secrets)))
    expect(new Set(opened)).toEqual(new Set([undefined]))
  })
})

describe('twenty thousand seeded mutants of a cookie', () => {
  const { mutate } = createMutator(20_261_121)

  it('C1 give no session of other content and no exception', { timeout: 60_000 }, async () => {
    const cache = createSessionCookieCache(sha256)
    let [tried, opened] = [0, 0]
    while (tried < 20_000) {
      const mutant = mutate(sealed)
      if (mutant === sealed) continue
      tried += 1
      const result = await openSessionCookie(mutant, secrets, cache)
      if (result === undefined) continue
      opened += 1
      // Another spelling of the version mark, or of the last bits of base64url, which nobody reads.
      expect(result).toEqual(content)
      expect(mutant.slice(0, signedLength)).toBe(sealed.slice(0, signedLength))
    }
    expect(opened).toBeLessThan(200)
  })
})

describe('junk in place of a cookie', () => {
  const junk = [
    '',
    ' ',
    'undefined',
    'null',
    '[object Object]',
    '{}',
    '{"did":"did:plc:x","sessionIds":["y"]}',
    ALICE,
    'Fe26.2',
    'Fe26.2*',
    'Fe26.2**',
    'Fe26.1*x',
    'fe26.2*x',
    '*'.repeat(8),
    `Fe26.2*${'a*'.repeat(7)}`,
    'Fe26.2*__proto__*a*a*a**a*a',
    'Fe26.2*constructor*a*a*a**a*a',
    'Fe26.2*1*\u0000',
    'Fe26.2*1*ü',
    '%46e26.2*1',
    Buffer.from(JSON.stringify(content)).toString('base64url'),
    'eyJhbGciOiJub25lIn0.e30.',
    'a'.repeat(100_000),
    `Fe26.2*${'1'.repeat(3_000)}`,
    `${sealed}\r\nset-cookie: x`,
    `${sealed} `,
    `"${sealed}"`,
    sealed.toLowerCase(),
  ]
  it.each(labelled(junk))('is not opened and does not throw: %s', async (_label, text) => {
    expect(await openSessionCookie(text, secrets)).toBeUndefined()
    expect(await readFlowCookie('state', text, secrets)).toBeUndefined()
  })

  const shapeless = ['', 'Fe26.1*x', 'x'.repeat(10), 'Fe26.2*ü', `Fe26.2*${'1'.repeat(3_000)}`, `${sealed};`]
  it.each(labelled(shapeless))('is told by its form, before any cryptography: %s', (_label, text) => {
    expect(looksLikeSeal(text)).toBe(false)
  })

  it('costs next to nothing, a hundred thousand times over', async () => {
    const begun = performance.now()
    for (let n = 0; n < 100_000; n += 1) await openSessionCookie(`junk-${n}`, secrets)
    expect(performance.now() - begun).toBeLessThan(5_000)
  })
})
