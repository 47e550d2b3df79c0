import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { startScript } from '../support/contract/race.ts'
import { type KvRestServer, startKvRestServer } from '../support/kv-rest-server.ts'
import { startRedis } from '../support/redis-server.ts'

async function serve(): Promise<{ readonly redisUrl: string; readonly rest: KvRestServer }> {
  const redis = await startRedis()
  onTestFinished(() => redis.stop())
  const rest = await startKvRestServer(redis.url)
  onTestFinished(() => rest.stop())
  return { redisUrl: redis.url, rest }
}

/** What a process without those packages prints. */
async function output(kind: string, address: string, ...missing: readonly string[]): Promise<string> {
  const child = startScript('./without-package.ts', kind, address, ...missing)
  const [printed] = await Promise.all([text(child.stdout), once(child, 'exit')])
  return printed.trim()
}

describe('a driver whose package is not installed', () => {
  it('says what to install for Redis', async () => {
    const { redisUrl } = await serve()
    expect(await output('redis', redisUrl)).toBe('value')
    expect(await output('redis', redisUrl, 'redis')).toMatch(/^ConfigurationError: .*npm install redis\./)
  }, 30_000)

  it('takes the other one of the two REST clients, or says what to install', async () => {
    const { rest } = await serve()
    const address = `${rest.url}#${rest.token}`
    expect(await output('vercel-kv', address)).toBe('value')
    expect(await output('vercel-kv', address, '@upstash/redis')).toBe('value')
    expect(await output('vercel-kv', address, '@upstash/redis', '@vercel/kv')).toMatch(
      /^ConfigurationError: .*npm install @upstash\/redis\./,
    )
  }, 30_000)
})

describe('a driver that the environment asks for', () => {
  /** What a process prints that reads its configuration and does not use the store. */
  async function log(env: Readonly<Record<string, string>>, ...missing: readonly string[]): Promise<string> {
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
    const child = startScript('./configuration-without-package.ts', ...missing)
    vi.unstubAllEnvs()
    const [printed] = await Promise.all([text(child.stdout), once(child, 'exit')])
    return printed.trim()
  }

  const rest = { KV_REST_API_URL: 'https://kv.invalid', KV_REST_API_TOKEN: 'canary' }
  it.each([
    ['redis', { REDIS_URL: 'redis://:canary@127.0.0.1:1' }, ['redis']],
    ['pg', { ATPROTO_DATABASE_URL: 'postgres://u:canary@127.0.0.1:1/db' }, ['pg']],
    ['@upstash/redis', rest, ['@upstash/redis', '@vercel/kv']],
  ])(
    'is missed in the log at the first request, before the first sign-in: %s',
    async (name, env, missing) => {
      expect(await log(env)).toBe('configured localhost')
      const printed = await log(env, ...missing)
      const [first, second, ...more] = printed.split('\n')
      expect([first, second, more]).toEqual([
        'configured localhost',
        expect.stringContaining(`the package ${name} is not installed. Run: npm install ${name}`),
        [],
      ])
      expect(printed).not.toContain('canary')
    },
    30_000,
  )
})
