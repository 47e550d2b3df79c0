/** The cache of the browser tests does what RFC 9111 lets it do: a leak would show. */
import { expect, it } from 'vitest'
import { type RawAnswer, sendRaw } from '../../support/raw-request.ts'
import { startSharedCache } from '../../support/shared-cache.ts'
import { serve } from '../../support/unit/serve.ts'

/** Two people ask for the same address one after the other; whether the second one gets what the first one got. */
async function isShared(headers: Record<string, string>, status = 200, asked: Record<string, string> = {}) {
  const server = await serve((request, response) =>
    response.writeHead(status, headers).end(`for ${request.headers.cookie}`),
  )
  await using cache = await startSharedCache(server.origin)
  const ask = (cookie: string): Promise<RawAnswer> =>
    sendRaw(cache.url, { path: '/x', headers: { ...asked, cookie } })
  await ask('alice')
  const second = (await ask('bob')).body.toString()
  expect(cache.hits()).toBe(second === 'for alice' ? 1 : 0)
  return second === 'for alice'
}

it.each([
  ['says nothing', {}],
  ['is public', { 'cache-control': 'public, max-age=60' }],
  ['lasts in shared caches', { 'cache-control': 'max-age=0, s-maxage=31536000' }],
  ['has an end', { expires: new Date(Date.now() + 60_000).toUTCString() }],
  ['sets a cookie', { 'cache-control': 's-maxage=60', 'set-cookie': 'session=alice' }],
  ['varies by something else', { vary: 'RSC, Accept-Encoding' }],
])('serves an answer that %s to the next person too', async (_, headers) => {
  expect(await isShared(headers)).toBe(true)
})

it.each([
  ['is private', { 'cache-control': 'private, max-age=300' }],
  ['is not to be kept', { 'cache-control': 'no-store' }],
  ['is to be asked about', { 'cache-control': 'no-cache' }],
  ['varies by cookie', { 'cache-control': 'public, max-age=60', vary: 'Accept, Cookie' }],
  ['varies by anything', { vary: '*' }],
  ['has ended', { 'cache-control': 'max-age=0' }],
])('gives each person their own where an answer %s', async (_, headers) => {
  expect(await isShared(headers)).toBe(false)
})

it('keeps no redirect of the moment, no failure, and nothing that credentials were needed for', async () => {
  expect(await isShared({ location: '/' }, 307)).toBe(false)
  expect(await isShared({}, 500)).toBe(false)
  expect(await isShared({ 'cache-control': 'max-age=60' }, 200, { authorization: 'Basic x' })).toBe(false)
})
