import { describe, expect, it } from 'vitest'
import { fetchWellKnownDid } from '../../../lib/identity/handle-well-known.ts'
import { resolveHandle } from '../../../lib/identity/resolve-handle.ts'
import { createGuardedFetch } from '../../../lib/net/guarded-fetch.ts'
import { ALICE, handle, MALLORY } from '../../support/unit/names.ts'
import { createWorld, type Reply } from '../../support/unit/world.ts'

const alice = handle('alice.host.dev')
const START = 'https://alice.host.dev/.well-known/atproto-did'
const to = (location: string, status = 302): Reply => ({ status, headers: { location }, body: MALLORY })

async function ask(sites: Readonly<Record<string, Reply>>) {
  const world = await createWorld(sites)
  const answer = await fetchWellKnownDid(alice, world)
  return { did: typeof answer === 'string' ? answer : undefined, asked: world.asked }
}

describe('the well-known file', () => {
  it.each([301, 302, 303, 307, 308])('ID-4 SF-2 follows a %d', async (status) => {
    const sites = {
      [START]: to('https://www.host.dev/did', status),
      'https://www.host.dev/did': { body: ALICE },
    }
    expect(await ask(sites)).toEqual({ did: ALICE, asked: [START, 'https://www.host.dev/did'] })
  })

  it('ID-4 follows a redirect that names a path only', async () => {
    const target = 'https://alice.host.dev/did.txt'
    expect((await ask({ [START]: to('/did.txt'), [target]: { body: ALICE } })).did).toBe(ALICE)
  })

  it('ID-4 SF-2 follows three hops and no fourth', async () => {
    const hop = (index: number) => `https://hop${index}.host.dev/`
    const chain = (length: number) => ({
      [START]: to(hop(1)),
      ...Object.fromEntries(
        Array.from({ length: length - 1 }, (_, index) => [hop(index + 1), to(hop(index + 2))]),
      ),
      [hop(length)]: { body: ALICE },
    })
    expect((await ask(chain(3))).did).toBe(ALICE)
    const tooLong = await ask(chain(4))
    expect([tooLong.did, tooLong.asked.length]).toEqual([undefined, 4])
  })

  it('ends a loop', async () => {
    expect(await ask({ [START]: to(START) })).toMatchObject({ did: undefined, asked: { length: 4 } })
  })

  it.each([
    'http://www.host.dev/',
    'https://www.host.dev:8443/',
    'ftp://www.host.dev/',
    'file:///etc/passwd',
    'data:text/plain,x',
    '',
  ])('ID-4 SF-1 SF-2 does not follow a redirect to %j', async (location) => {
    const { did, asked } = await ask({ [START]: to(location) })
    expect([did, asked]).toEqual([undefined, [START]])
  })

  it('SF-1 does not follow a redirect to a host in privateHosts', async () => {
    const inside = 'https://pds.lan/did'
    const world = await createWorld({ [START]: to(inside), [inside]: { body: ALICE } })
    const answer = fetchWellKnownDid(alice, { ...world, privateHosts: ['pds.lan'] })
    await expect(answer).rejects.toMatchObject({ code: 'blocked_address' })
    expect(world.asked).toEqual([START])
  })

  it('SF-3 N7 reads 2 KiB of the file and no more', async () => {
    const padded = (size: number) => ({ [START]: { body: ALICE.padEnd(size) } })
    expect((await ask(padded(2_048))).did).toBe(ALICE)
    expect((await ask(padded(2_049))).did).toBeUndefined()
  })

  it.each([300, 304, 305, 306, 400, 404, 410])('finds nobody in a %d', async (status) => {
    expect((await ask({ [START]: { ...to('https://www.host.dev/'), status } })).did).toBeUndefined()
  })

  it.each([401, 403, 429, 500, 503])('says nothing with a %d', async (status) => {
    const reply = ask({ [START]: { ...to('https://www.host.dev/'), status } })
    await expect(reply).rejects.toMatchObject({ code: 'network_error', status })
  })

  it('ID-4 SF-1 SF-2 is checked at each redirect by the guarded fetch: one into the network opens no connection', async () => {
    const guardedFetch = createGuardedFetch()
    for (const inside of [
      'https://127.0.0.1/',
      'https://localhost/',
      'https://[::1]/',
      'https://a.internal/',
    ]) {
      const world = await createWorld({ [START]: to(inside) })
      const refused: unknown[] = []
      const fetch: typeof world.fetch = (url, request) =>
        String(url) === START
          ? world.fetch(url, request)
          : guardedFetch(url, request).catch((error: unknown) => {
              refused.push(error)
              throw error
            })
      await expect(fetchWellKnownDid(alice, { fetch })).rejects.toMatchObject({ code: 'blocked_address' })
      expect(refused).toMatchObject([{ code: 'blocked_address' }])
    }
  })
})

describe('a slow or silent DNS', () => {
  it('N9 leaves the decision to the well-known file within three seconds', async () => {
    const { fetch } = await createWorld({ [START]: { body: ALICE } })
    const begun = performance.now()
    const resolveTxt = () => new Promise<never>(() => {})
    expect(await resolveHandle(alice, { fetch, resolveTxt, allowLoopback: false })).toBe(ALICE)
    expect(performance.now() - begun).toBeLessThan(3_000)
  })
})
