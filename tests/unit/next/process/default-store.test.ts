import { describe, expect, it } from 'vitest'
import { chooseStore, warningAboutOtherStores } from '../../../../lib/store/choose-store.ts'

const kv = { KV_REST_API_URL: 'https://kv.example', KV_REST_API_TOKEN: 'kv-token' }
const upstash = { UPSTASH_REDIS_REST_URL: 'https://up.example', UPSTASH_REDIS_REST_TOKEN: 'up-token' }

describe('the store of an application that names none', () => {
  it.each([
    ['a file, with nothing', {}, { kind: 'sqlite' }],
    ['Redis', { REDIS_URL: 'redis://host' }, { kind: 'redis', url: 'redis://host' }],
    ['Vercel KV', kv, { kind: 'vercel-kv', url: 'https://kv.example', token: 'kv-token' }],
    ['Upstash', upstash, { kind: 'vercel-kv', url: 'https://up.example', token: 'up-token' }],
    ['PostgreSQL', { ATPROTO_DATABASE_URL: 'postgres://h/db' }, { kind: 'postgres', url: 'postgres://h/db' }],
    [
      'PostgreSQL before the others',
      { ATPROTO_DATABASE_URL: 'postgres://h/db', ...kv, REDIS_URL: 'redis://h' },
      { kind: 'postgres' },
    ],
    [
      'not the application’s own database',
      { DATABASE_URL: 'postgres://h/db', POSTGRES_URL: 'postgres://h/db' },
      { kind: 'sqlite' },
    ],
    ['REST before Redis', { ...upstash, REDIS_URL: 'redis://host' }, { kind: 'vercel-kv' }],
    ['the pair that is whole', { KV_REST_API_URL: 'https://kv.example', ...upstash }, { token: 'up-token' }],
    ['Redis beside half a pair', { KV_REST_API_URL: 'https://x', REDIS_URL: 'redis://h' }, { kind: 'redis' }],
    ['a file where variables are empty', { REDIS_URL: '', KV_REST_API_URL: '' }, { kind: 'sqlite' }],
  ])('is %s', (_what, env, choice) => {
    expect(chooseStore(env)).toMatchObject(choice)
  })

  it.each([
    ['KV_REST_API_URL', 'KV_REST_API_TOKEN'],
    ['UPSTASH_REDIS_REST_URL', 'UPSTASH_REDIS_REST_TOKEN'],
  ])('is not guessed when %s has no %s', (url, token) => {
    expect(() => chooseStore({ [url]: 'https://host.example' })).toThrow(
      expect.objectContaining({ code: 'configuration', message: expect.stringContaining(token) }),
    )
  })

  const hosts = ['VERCEL', 'NETLIFY', 'AWS_LAMBDA_FUNCTION_NAME', 'CF_PAGES', 'K_SERVICE']
  it.each(hosts)('S9: is no file on a host without a disk that lasts (%s)', (name) => {
    for (const variable of ['REDIS_URL', 'ATPROTO_DATABASE_URL', 'KV_REST_API_URL', 'UPSTASH_REDIS_REST_URL'])
      expect(() => chooseStore({ [name]: '1' })).toThrow(
        expect.objectContaining({ code: 'configuration', message: expect.stringContaining(variable) }),
      )
    expect(chooseStore({ [name]: '1', REDIS_URL: 'redis://host' }).kind).toBe('redis')
  })

  it('is a file in development, even with the variables of such a host copied to this machine', () => {
    expect(chooseStore({ VERCEL: '1', NODE_ENV: 'development' }).kind).toBe('sqlite')
  })

  it('is told in the log when another one is set too, by its name and never its address', () => {
    const env = { ATPROTO_DATABASE_URL: 'postgres://user:canary@h/db', REDIS_URL: 'redis://:canary@h' }
    expect(warningAboutOtherStores(env)).toBe(
      'Sessions are in PostgreSQL, because ATPROTO_DATABASE_URL is set; REDIS_URL is not used.',
    )
    expect(warningAboutOtherStores({ ATPROTO_DATABASE_URL: 'postgres://h/db' })).toBeUndefined()
    expect(warningAboutOtherStores({ ...kv, REDIS_URL: 'redis://h' })).toBeUndefined()
  })
})
