import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { StoreUnavailableError } from '../../../../lib/errors.ts'
import { createLog } from '../../../../lib/next/events/log.ts'
import {
  createLoginLimiter,
  type LoginLimitOptions,
  TooManyAttemptsError,
} from '../../../../lib/next/limits/login-limits.ts'
import { createMemoryStore } from '../../../../lib/store/memory.ts'

const SECRET = 'Zk4vTq9-mXc2_bRw7.LpYd8~HsJ3+fGn6'
/** The start of a window of each length. */
const START = Math.ceil(Date.UTC(2026, 0, 1) / 600_000) * 600_000
const address: LoginLimitOptions['clientAddress'] = ({ headers }) => headers.get('client') ?? undefined

/** A limiter on a clock that stands still; what it answers is 0, or the seconds to wait. */
function createGate(options: LoginLimitOptions = {}, isLocal = false, secret = SECRET) {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  onTestFinished(() => void vi.restoreAllMocks())
  const clock = { ms: START }
  const now = () => clock.ms
  const keys: string[] = []
  const memory = createMemoryStore({ now })
  const increment = (key: string, ttlMs: number) => {
    keys.push(key)
    return memory.increment(key, ttlMs)
  }
  const store = { ...memory, increment }
  const limit = createLoginLimiter(options, {
    store,
    secrets: [secret],
    env: {},
    isLocal,
    log: createLog(),
    now,
  })
  const attempt = async (identifier: string, client?: string, more: Record<string, string> = {}) => {
    try {
      await limit({ identifier, headers: new Headers({ ...(client && { client }), ...more }) })
      return 0
    } catch (error) {
      if (error instanceof TooManyAttemptsError) return error.retryAfterS
      throw error
    }
  }
  return { attempt, clock, keys }
}

/** How many of these attempts were let through. */
async function passed(attempts: readonly (() => Promise<number>)[]): Promise<number> {
  const answers = []
  for (const attempt of attempts) answers.push(await attempt())
  return answers.filter((wait) => wait === 0).length
}

const times = <T>(count: number, make: (at: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => make(at))

describe('the limit by client address', () => {
  it('SF-5 refuses an address after sixty sign-ins until the ten minutes are over, and no other address', async () => {
    const { attempt, clock } = createGate({ clientAddress: address })
    expect(await passed(times(100, (at) => () => attempt(`user${at}.test`, '192.0.2.1')))).toBe(60)
    expect(await attempt('alice.test', '192.0.2.2')).toBe(0)
    clock.ms += 480_500
    expect(await attempt('alice.test', '192.0.2.1')).toBe(120)
    clock.ms += 120_000
    expect(await attempt('alice.test', '192.0.2.1')).toBe(0)
  })

  it('SF-5 counts the addresses of one IPv6 network together', async () => {
    const { attempt } = createGate({ clientAddress: address, loginLimits: { perAddress: 5 } })
    const flood = times(50, (at) => () => attempt(`user${at}.test`, `2001:db8:1:2::${at.toString(16)}`))
    expect(await passed(flood)).toBe(5)
    expect(await attempt('alice.test', '2001:db8:1:3::1')).toBe(0)
  })

  it('SF-5 gives no fresh start to a client that sends an address of its own making', async () => {
    const { attempt } = createGate({ loginLimits: { overall: 10 } })
    const spoofed = (at: number) => ({
      'x-forwarded-for': `198.51.100.${at}`,
      'x-real-ip': `198.51.100.${at}`,
      'cf-connecting-ip': `198.51.100.${at}`,
      forwarded: `for=198.51.100.${at}`,
    })
    expect(await passed(times(50, (at) => () => attempt(`user${at}.test`, undefined, spoofed(at))))).toBe(10)
    const { attempt: named } = createGate({ loginLimits: { perIdentifier: 3 } })
    expect(await passed(times(50, (at) => () => named('alice.test', undefined, spoofed(at))))).toBeLessThan(
      15,
    )
  })

  it('has no limit by an address that is none', async () => {
    const { attempt } = createGate({ clientAddress: address, loginLimits: { perAddress: 1 } })
    expect(await passed(times(5, (at) => () => attempt(`user${at}.test`, '192.0.2.1, 192.0.2.2')))).toBe(5)
  })
})

describe('the limit by identifier', () => {
  it('SF-5 slows a name that is called again and again from one address: one sign-in every three seconds', async () => {
    const { attempt: any, clock } = createGate({ clientAddress: address })
    const attempt = (name: string) => any(name, '192.0.2.1')
    expect(await passed(times(10, () => () => attempt('alice.test')))).toBe(10)
    expect([await attempt('alice.test'), await attempt('alice.test')]).toEqual([0, 3])
    clock.ms += 2_100
    expect(await attempt('alice.test')).toBe(1)
    clock.ms += 900
    expect([await attempt('alice.test'), await attempt('alice.test')]).toEqual([0, 3])
    expect(await attempt('bob.test')).toBe(0)
  })

  /** Three minutes of a stranger who calls a name at a steady pace, and of its owner who calls it now and then. */
  async function besiege({
    perSecond,
    seconds = 180,
    ownerAtMs,
  }: {
    perSecond: number
    seconds?: number
    ownerAtMs: (second: number) => number
  }) {
    const { attempt, clock } = createGate()
    const passes = { owner: 0, stranger: 0, longestWaitS: 0 }
    let waitedS = 0
    for (let second = 0; second < seconds; second += 1) {
      const calls = times(perSecond, (at) => ({ who: 'stranger' as const, ms: (at * 1_000) / perSecond }))
      const all = [...calls, { who: 'owner' as const, ms: ownerAtMs(second) }].sort((a, b) => a.ms - b.ms)
      for (const { who, ms } of all) {
        clock.ms = START + second * 1_000 + ms
        const isThrough = (await attempt('alice.test')) === 0
        if (isThrough) passes[who] += 1
        if (who === 'owner') waitedS = isThrough ? 0 : waitedS + 1
        passes.longestWaitS = Math.max(passes.longestWaitS, waitedS)
      }
    }
    return passes
  }

  it.each([
    ['just after the stranger', () => 1],
    ['just before the stranger', () => 49],
    ['at a moment that wanders', (second: number) => (second * 37) % 1_000],
  ])(
    'SF-5 locks nobody out of their name without client addresses, in a flood of twenty a second: %s',
    async (_name, ownerAtMs) => {
      const { owner, stranger, longestWaitS } = await besiege({ perSecond: 20, ownerAtMs })
      expect(owner).toBeGreaterThan(8)
      expect(longestWaitS).toBeLessThan(120)
      // What the flood costs the servers of that name: two sign-ins a second, of twenty.
      expect(stranger).toBeLessThan(400)
    },
  )

  it('SF-5 a flood that grows tenfold gets less than twice as much through', async () => {
    const ownerAtMs = () => 500
    const few = await besiege({ perSecond: 10, seconds: 30, ownerAtMs })
    const many = await besiege({ perSecond: 100, seconds: 30, ownerAtMs })
    expect(many.stranger).toBeLessThan(2 * few.stranger)
  })

  it('SF-5 nobody without the secret foresees which call of a flood gets through', async () => {
    const draw = async (secret: string) => {
      const { attempt } = createGate({}, false, secret)
      await passed(times(10, () => () => attempt('alice.test')))
      const waits = []
      for (const _ of times(300, () => 0)) waits.push((await attempt('alice.test')) === 0)
      return waits.join()
    }
    expect(await draw(SECRET)).toBe(await draw(SECRET))
    expect(await draw(SECRET)).not.toBe(await draw(`${SECRET}x`))
  })

  it('SF-5 does not lock out the person whose name a stranger elsewhere keeps calling', async () => {
    const { attempt, clock } = createGate({ clientAddress: address, loginLimits: { perAddress: 1_000 } })
    await passed(times(200, () => () => attempt('alice.test', '192.0.2.66')))
    for (let round = 0; round < 5; round += 1) {
      await passed(times(5, () => () => attempt('alice.test', '192.0.2.66')))
      expect(await attempt('alice.test', '192.0.2.1')).toBe(0)
      clock.ms += 3_000
    }
  })

  it('SF-5 lets a sign-in for the name through within three seconds at any moment of a flood that has paused', async () => {
    const { attempt, clock } = createGate()
    await passed(times(500, () => () => attempt('alice.test')))
    const wait = await attempt('alice.test')
    expect(wait).toBeLessThanOrEqual(3)
    clock.ms += wait * 1_000
    expect(await attempt('alice.test')).toBe(0)
  })

  it('counts no server’s address: all who make an account there, or sign in by it, share that', async () => {
    const { attempt } = createGate()
    expect(await passed(times(50, () => () => attempt('https://pds.example.com')))).toBe(50)
    expect(await passed(times(50, () => () => attempt(' https://pds.example.com:443/ ')))).toBe(50)
    const { attempt: limited } = createGate({ loginLimits: { overall: 20 } })
    expect(await passed(times(50, () => () => limited('https://pds.example.com')))).toBe(20)
  })

  it.each(['@alice.test', 'ALICE.test', ' alice.test\u200b', 'at://alice.test'])(
    'takes %j for the name that it is',
    async (spelling) => {
      const { attempt: any } = createGate({ clientAddress: address, loginLimits: { perIdentifier: 2 } })
      const attempt = (name: string) => any(name, '192.0.2.1')
      expect(await passed([...times(3, () => () => attempt('alice.test')), () => attempt(spelling)])).toBe(3)
    },
  )
})

describe('the limit overall', () => {
  it('SF-5 once it is used up costs no more rows: a flood of two thousand names leaves a few', async () => {
    const { attempt, keys, clock } = createGate({ loginLimits: { overall: 5 } })
    const waits: number[] = []
    for (let n = 0; n < 2_000; n += 1) waits.push(await attempt(`name-${n}.host.dev`))
    expect(waits.filter((wait) => wait === 0)).toHaveLength(5)
    expect(new Set(keys).size).toBeLessThanOrEqual(7)
    clock.ms += 60_000
    expect(await attempt('alice.host.dev')).toBe(0)
  })

  it('SF-5 refuses everybody beyond it for the rest of the minute', async () => {
    const { attempt, clock } = createGate({ loginLimits: { overall: 20 } })
    expect(await passed(times(50, (at) => () => attempt(`user${at}.test`)))).toBe(20)
    clock.ms += 59_000
    expect(await attempt('alice.test')).toBe(1)
    clock.ms += 1_000
    expect(await attempt('alice.test')).toBe(0)
  })

  it('refuses no one for longer than a minute when the clock is set back', async () => {
    const { attempt, clock } = createGate({ loginLimits: { overall: 1 } })
    await attempt('alice.test')
    expect(await attempt('bob.test')).toBe(60)
    clock.ms -= 60 * 60_000
    expect(await attempt('carol.test')).toBe(0)
  })

  it('is not used up by what was refused for its address or its name', async () => {
    const { attempt } = createGate({
      clientAddress: address,
      loginLimits: { overall: 20, perAddress: 5, perIdentifier: 5 },
    })
    await passed(times(100, (at) => () => attempt(`user${at}.test`, '192.0.2.66')))
    await passed(times(100, () => () => attempt('alice.test')))
    expect(await attempt('bob.test', '192.0.2.1')).toBe(0)
  })
})

describe('the limits', () => {
  it('leave no address and no name in the store, nor one key for two windows', async () => {
    const { attempt, clock, keys } = createGate({ clientAddress: address, loginLimits: { perIdentifier: 1 } })
    for (const _ of [1, 2]) {
      await attempt('alice.test', '192.0.2.1')
      await attempt('alice.test', '192.0.2.1')
      clock.ms += 600_000
    }
    expect(keys).toHaveLength(14)
    for (const key of keys) expect(key).toMatch(/^login:[\w-]{43}$/)
    expect(keys.slice(7).filter((key) => keys.slice(0, 7).includes(key))).toEqual([])
  })

  it('are generous on this machine, unless they are given', async () => {
    const flood = times(100, () => 'alice.test')
    const { attempt } = createGate({ clientAddress: address }, true)
    expect(await passed(flood.map((name) => () => attempt(name, '127.0.0.1')))).toBe(100)
    const { attempt: given } = createGate({ clientAddress: address, loginLimits: { perAddress: 3 } }, true)
    expect(await passed(flood.map((name) => () => given(name, '127.0.0.1')))).toBe(3)
  })

  it('count nothing when they are switched off', async () => {
    const { attempt, keys } = createGate({ clientAddress: address, loginLimits: false })
    expect(await passed(times(1_000, () => () => attempt('alice.test', '192.0.2.1')))).toBe(1_000)
    expect(keys).toEqual([])
  })

  it('let nobody by while the store is down', async () => {
    const failure = new StoreUnavailableError('The database is down.')
    const store = { ...createMemoryStore(), increment: () => Promise.reject(failure) }
    const limit = createLoginLimiter(
      {},
      { store, secrets: [SECRET], env: {}, isLocal: false, log: createLog() },
    )
    await expect(limit({ identifier: 'alice.test', headers: new Headers() })).rejects.toBe(failure)
  })
})

describe('TooManyAttemptsError', () => {
  it('may succeed later, and names nobody', () => {
    const error = new TooManyAttemptsError(7)
    expect([error.code, error.retryable, error.retryAfterS]).toEqual(['too_many_attempts', true, 7])
  })
})
