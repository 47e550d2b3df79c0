import { describe, expect, it } from 'vitest'
import { createServerState } from '../../../../lib/oauth/server/server-state.ts'
import { shareNonces } from '../../../../lib/oauth/server/shared-nonces.ts'
import { createTestSharedCache } from '../../../support/unit/shared-cache.ts'

const AS = 'https://as.host.dev'
const PDS = 'https://pds.host.dev'
const START = Date.UTC(2026, 0, 1)
const withNonce = (nonce: string) => new Response(null, { headers: { 'dpop-nonce': nonce } })

/** Two processes with one shared cache, on a clock that the test moves. */
function setUp() {
  let time = START
  const sharedCache = createTestSharedCache()
  const now = () => time
  const start = () => {
    const servers = shareNonces(createServerState(), sharedCache, now)
    return {
      servers,
      learn: (nonce: string, origin = AS) => servers.rememberNonce(origin, withNonce(nonce), time),
    }
  }
  const advance = (ms: number) => {
    time += ms
  }
  return { sharedCache, now, advance, here: start(), there: start() }
}

describe('a nonce that a server gave to one process', () => {
  it('DP-8 serves the others, at that server alone', async () => {
    const { now, here, there } = setUp()
    here.learn('n')
    expect(await there.servers.recallNonce(AS, now())).toBe('n')
    expect(await there.servers.recallNonce(PDS, now())).toBeUndefined()
  })

  it('takes the place of one that another process has had for more than two minutes', async () => {
    const { now, here, there, advance } = setUp()
    there.learn('old')
    advance(60_000)
    here.learn('new')
    expect(await there.servers.recallNonce(AS, now())).toBe('old')
    advance(60_001)
    expect(await there.servers.recallNonce(AS, now())).toBe('new')
  })

  it('does not take the place of a newer one', async () => {
    const { now, here, there, advance } = setUp()
    here.learn('old')
    advance(10_000)
    there.learn('new')
    advance(4 * 60_000)
    expect(await there.servers.recallNonce(AS, now())).toBe('new')
  })

  it('is used for five minutes for want of another, and never sent after that', async () => {
    const { now, here, there, advance } = setUp()
    here.learn('n')
    const recalled = async () => [
      await here.servers.recallNonce(AS, now()),
      await there.servers.recallNonce(AS, now()),
    ]
    advance(299_999)
    expect(await recalled()).toEqual(['n', 'n'])
    advance(1)
    expect(await recalled()).toEqual([undefined, undefined])
  })

  it('does not count for longer because a clock was ahead', async () => {
    const { sharedCache, here, there, now, advance } = setUp()
    here.learn('n')
    for (const key of sharedCache.rows.keys())
      sharedCache.rows.set(key, { nonce: 'n', seenAt: now() + 3_600_000 })
    await there.servers.recallNonce(AS, now())
    expect(there.servers.nonceSeenAt(AS)).toBe(now())
    advance(1_000)
    there.learn('newer')
    expect(there.servers.nonce(AS)).toBe('newer')
  })
})

describe('the shared cache of nonces', () => {
  it('is left alone while the nonce at hand is young', async () => {
    const { now, sharedCache, here, advance } = setUp()
    here.learn('n')
    advance(2 * 60_000)
    await here.servers.recallNonce(AS, now())
    expect(sharedCache.reads).toEqual([])
  })

  it('is asked once by 100 requests at once, and by those of the next half minute', async () => {
    const { now, sharedCache, here, advance } = setUp()
    await Promise.all(Array.from({ length: 100 }, () => here.servers.recallNonce(AS, now())))
    advance(29_999)
    await here.servers.recallNonce(AS, now())
    expect(sharedCache.reads).toHaveLength(1)
    advance(1)
    await here.servers.recallNonce(AS, now())
    expect(sharedCache.reads).toHaveLength(2)
  })

  it('is written three times a minute at most by a server that gives a new nonce with each answer', async () => {
    const { sharedCache, here, advance } = setUp()
    for (let answer = 0; answer < 600; answer += 1) {
      here.learn(`n${answer}`)
      await Promise.resolve()
      advance(100)
    }
    expect(sharedCache.writes).toHaveLength(3)
  })

  it('is not written for an answer without a nonce', () => {
    const { sharedCache, here, advance } = setUp()
    here.learn('n')
    advance(60_000)
    here.servers.rememberNonce(AS, new Response(null), 0)
    expect(sharedCache.writes).toHaveLength(1)
  })

  const damages: readonly (readonly [string, unknown])[] = [
    ['nothing', undefined],
    ['a text', 'n'],
    ['no time', { nonce: 'n' }],
    ['a time that is none', { nonce: 'n', seenAt: 'today' }],
    ['a nonce with a line break', { nonce: 'n\r\nx-injected: 1', seenAt: START }],
    ['a nonce of 257 characters', { nonce: 'n'.repeat(257), seenAt: START }],
  ]
  it.each(damages)('O10 is passed over where it holds %s', async (_what, row) => {
    const { now, sharedCache, here, there } = setUp()
    here.learn('n')
    for (const key of sharedCache.rows.keys()) sharedCache.rows.set(key, row)
    expect(await there.servers.recallNonce(AS, now())).toBeUndefined()
  })
})
