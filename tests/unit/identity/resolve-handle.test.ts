import { describe, expect, it } from 'vitest'
import { AtprotoAuthError } from '../../../lib/errors.ts'
import { resolveHandle } from '../../../lib/identity/resolve-handle.ts'
import type { ResolveTxt } from '../../../lib/net/dns.ts'
import { ALICE, handle, MALLORY } from '../../support/unit/names.ts'
import { createWorld, type Reply } from '../../support/unit/world.ts'

const alice = handle('alice.host.dev')
const WELL_KNOWN = 'https://alice.host.dev/.well-known/atproto-did'
const RESOLVER = 'https://resolver.host.dev'
const noRecords: ResolveTxt = async () => []
const dnsDown: ResolveTxt = async () => {
  throw new AtprotoAuthError('network_error', 'no name server answered')
}
const notFound = { code: 'identity_not_found' }

async function resolve(resolveTxt: ResolveTxt, sites: Readonly<Record<string, Reply>> = {}) {
  const { fetch } = await createWorld(sites)
  return resolveHandle(alice, { fetch, resolveTxt, allowLoopback: false })
}

describe('resolveHandle by DNS', () => {
  it('asks for the TXT records of _atproto.<handle>', async () => {
    const asked: string[] = []
    await resolve(async (name) => {
      asked.push(name)
      return [`did=${ALICE}`]
    })
    expect(asked).toEqual(['_atproto.alice.host.dev'])
  })

  it('ID-3 passes over records that are not ours', async () => {
    const records = ['v=spf1 -all', `DID=${MALLORY}`, `did:${MALLORY}`, `did=${ALICE}`]
    expect(await resolve(async () => records)).toBe(ALICE)
  })

  it('takes one DID that is there twice', async () => {
    expect(await resolve(async () => [`did=${ALICE}`, `did=${ALICE}`])).toBe(ALICE)
  })

  it('ID-3 N9 refuses two different DIDs, even if the host names one of them', async () => {
    const sites = { [WELL_KNOWN]: { body: ALICE } }
    const answer = resolve(async () => [`did=${ALICE}`, `did=${MALLORY}`], sites)
    await expect(answer).rejects.toMatchObject(notFound)
  })

  it('is not disturbed by a host that fails after the DNS has answered', async () => {
    const host = Promise.withResolvers<Response>()
    const deps = { fetch: () => host.promise, resolveTxt: async () => [`did=${ALICE}`], allowLoopback: false }
    expect(await resolveHandle(alice, deps)).toBe(ALICE)
    // Unhandled, it would end the process; here it fails the test.
    host.reject(new AtprotoAuthError('timeout', 'no answer'))
    await new Promise((resolve) => setImmediate(resolve))
  })

  const raw = (code: string) => Object.assign(new Error(`queryTxt ${code} _atproto.alice.host.dev`), { code })
  it.each([
    ['ENOTFOUND', raw('ENOTFOUND'), 0],
    ['ESERVFAIL', raw('ESERVFAIL'), 0],
    ['a fault', new TypeError('bug'), 1],
    ['what is no error', 'down', 1],
  ])(
    'N9 lets the file decide when a look-up of the application rejects with %s',
    async (_, cause, warnings) => {
      const said: string[] = []
      const { fetch } = await createWorld({ [WELL_KNOWN]: { body: ALICE } })
      const resolveTxt: ResolveTxt = () => Promise.reject(cause)
      const warn = (message: string) => said.push(message)
      expect(await resolveHandle(alice, { fetch, resolveTxt, allowLoopback: false, warn })).toBe(ALICE)
      expect(said).toHaveLength(warnings)
    },
  )

  it('calls a handle nobody’s when a look-up of the application rejects and there is no file', async () => {
    const answer = resolve(() => Promise.reject(raw('ENODATA')), { [WELL_KNOWN]: { status: 404 } })
    await expect(answer).rejects.toMatchObject(notFound)
  })

  it('ID-5 asks the host while the DNS is still being asked', async () => {
    const asked = Promise.withResolvers<readonly string[]>()
    const { fetch } = await createWorld({ [WELL_KNOWN]: { body: ALICE } })
    const deps = {
      allowLoopback: false,
      // The DNS has no answer before the host was asked.
      resolveTxt: () => asked.promise,
      fetch: (...args: Parameters<typeof fetch>) => {
        asked.resolve([])
        return fetch(...args)
      },
    }
    expect(await resolveHandle(alice, deps)).toBe(ALICE)
  })

  it('ID-5 N9 lets the DNS win over the well-known file', async () => {
    expect(await resolve(async () => [`did=${ALICE}`], { [WELL_KNOWN]: { body: MALLORY } })).toBe(ALICE)
  })

  it.each(['did=', 'did=did:key:z6Mk', 'did=alice.host.dev', `did= ${ALICE}`, `did=${ALICE}/x`])(
    'does not believe the record %j',
    async (record) => {
      const answer = resolve(async () => [record], { [WELL_KNOWN]: { status: 404 } })
      await expect(answer).rejects.toMatchObject(notFound)
    },
  )

  it('N9 survives ten thousand records', async () => {
    const records = Array.from({ length: 10_000 }, (_, index) => `did=did:plc:${index}`)
    await expect(resolve(async () => records)).rejects.toMatchObject(notFound)
  })
})

describe('resolveHandle by well-known file', () => {
  it.each([ALICE, `${ALICE}\n`, `  ${ALICE}\r\n`])(
    'ID-4 reads %j where the DNS has nothing',
    async (body) => {
      expect(await resolve(noRecords, { [WELL_KNOWN]: { body } })).toBe(ALICE)
    },
  )

  it('ID-4 does not care about the type of the file', async () => {
    const headers = { 'content-type': 'application/octet-stream' }
    expect(await resolve(noRecords, { [WELL_KNOWN]: { headers, body: ALICE } })).toBe(ALICE)
  })

  it('N9 takes the host’s answer when no name server answers', async () => {
    expect(await resolve(dnsDown, { [WELL_KNOWN]: { body: ALICE } })).toBe(ALICE)
  })

  const useless: readonly (readonly [string, Reply])[] = [
    ['a page', { body: `<html>${ALICE}</html>` }],
    ['two DIDs', { body: `${ALICE}\n${MALLORY}` }],
    ['nothing', { body: '' }],
    ['JSON', { body: { did: ALICE } }],
    ['a DID of another method', { body: 'did:key:z6Mk' }],
    ['404', { status: 404, body: ALICE }],
    ['a redirect to http', { status: 302, body: ALICE, headers: { location: 'http://evil.dev' } }],
    ['more than 2 KiB', { body: ALICE.padEnd(2_049) }],
    ['a megabyte', { body: ALICE.padEnd(1_000_000) }],
  ]
  it.each(useless)('finds nobody when the host answers with %s', async (_what, reply) => {
    await expect(resolve(noRecords, { [WELL_KNOWN]: reply })).rejects.toMatchObject(notFound)
  })

  const reserved = 'local localhost internal arpa onion example invalid alt test'.split(' ')
  it.each(reserved)('ID-2 asks nobody about a handle under .%s', async (tld) => {
    const world = await createWorld({})
    const resolveTxt: ResolveTxt = () => Promise.reject(new Error('the DNS was asked'))
    const deps = { fetch: world.fetch, resolveTxt, allowLoopback: false, fallbackResolver: RESOLVER }
    const answer = resolveHandle(handle(`laptop.${tld}`), deps)
    await expect(answer).rejects.toMatchObject(notFound)
    expect(world.asked).toEqual([])
  })

  it('ends with the caller’s reason when the caller gives up', async () => {
    const reason = new Error('the caller left')
    const { fetch } = await createWorld({})
    const deps = { fetch, resolveTxt: noRecords, allowLoopback: false }
    await expect(resolveHandle(alice, deps, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})
