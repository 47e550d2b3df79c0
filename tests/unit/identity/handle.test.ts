import { describe, expect, it } from 'vitest'
import { AtprotoAuthError } from '../../../lib/errors.ts'
import { resolveHandle } from '../../../lib/identity/handle.ts'
import type { ResolveTxt } from '../../../lib/net/dns.ts'
import { ALICE, handle, MALLORY } from '../support/names.ts'
import { createWorld, type Reply } from '../support/world.ts'

const alice = handle('alice.host.dev')
const WELL_KNOWN = 'https://alice.host.dev/.well-known/atproto-did'
const RESOLVER = 'https://resolver.host.dev'
const XRPC = `${RESOLVER}/xrpc/com.atproto.identity.resolveHandle?handle=alice.host.dev`
const noRecords: ResolveTxt = async () => []
const dnsDown: ResolveTxt = async () => {
  throw new AtprotoAuthError('network_error', 'no name server answered')
}
const notFound = { code: 'identity_not_found' }

async function resolve(resolveTxt: ResolveTxt, sites: Readonly<Record<string, Reply>> = {}) {
  const { fetch } = await createWorld(sites)
  return resolveHandle(alice, { fetch, resolveTxt })
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

  it('passes over records that are not ours', async () => {
    const records = ['v=spf1 -all', `DID=${MALLORY}`, `did:${MALLORY}`, `did=${ALICE}`]
    expect(await resolve(async () => records)).toBe(ALICE)
  })

  it('takes one DID that is there twice', async () => {
    expect(await resolve(async () => [`did=${ALICE}`, `did=${ALICE}`])).toBe(ALICE)
  })

  it('refuses two different DIDs, even if the host names one of them', async () => {
    const sites = { [WELL_KNOWN]: { body: ALICE } }
    const answer = resolve(async () => [`did=${ALICE}`, `did=${MALLORY}`], sites)
    await expect(answer).rejects.toMatchObject(notFound)
  })

  it('lets the DNS win over the well-known file', async () => {
    expect(await resolve(async () => [`did=${ALICE}`], { [WELL_KNOWN]: { body: MALLORY } })).toBe(ALICE)
  })

  it.each(['did=', 'did=did:key:z6Mk', 'did=alice.host.dev', `did= ${ALICE}`, `did=${ALICE}/x`])(
    'does not believe the record %j',
    async (record) => {
      await expect(resolve(async () => [record])).rejects.toMatchObject(notFound)
    },
  )

  it('survives ten thousand records', async () => {
    const records = Array.from({ length: 10_000 }, (_, index) => `did=did:plc:${index}`)
    await expect(resolve(async () => records)).rejects.toMatchObject(notFound)
  })
})

describe('resolveHandle by well-known file', () => {
  it.each([ALICE, `${ALICE}\n`, `  ${ALICE}\r\n`])('reads %j where the DNS has nothing', async (body) => {
    expect(await resolve(noRecords, { [WELL_KNOWN]: { body } })).toBe(ALICE)
  })

  it('does not care about the type of the file', async () => {
    const headers = { 'content-type': 'application/octet-stream' }
    expect(await resolve(noRecords, { [WELL_KNOWN]: { headers, body: ALICE } })).toBe(ALICE)
  })

  it('takes the host’s answer when no name server answers', async () => {
    expect(await resolve(dnsDown, { [WELL_KNOWN]: { body: ALICE } })).toBe(ALICE)
  })

  const useless: readonly (readonly [string, Reply])[] = [
    ['a page', { body: `<html>${ALICE}</html>` }],
    ['two DIDs', { body: `${ALICE}\n${MALLORY}` }],
    ['nothing', { body: '' }],
    ['JSON', { body: { did: ALICE } }],
    ['a DID of another method', { body: 'did:key:z6Mk' }],
    ['404', { status: 404, body: ALICE }],
    ['500', { status: 500, body: ALICE }],
    ['a redirect', { status: 302, body: ALICE, headers: { location: 'https://evil.dev' } }],
    ['a megabyte', { body: ALICE.padEnd(1_000_000) }],
  ]
  it.each(useless)('finds nobody when the host answers with %s', async (_what, reply) => {
    await expect(resolve(noRecords, { [WELL_KNOWN]: reply })).rejects.toMatchObject(notFound)
  })

  it('says the same of a host that is down as of one without the file: no port scanner', async () => {
    const messages = await Promise.all(
      [{}, { [WELL_KNOWN]: { status: 404 } }].map((sites) =>
        resolve(noRecords, sites).catch((error: unknown) => String(error)),
      ),
    )
    expect(new Set(messages).size).toBe(1)
  })

  const reserved = 'local localhost internal arpa onion example invalid alt test'.split(' ')
  it.each(reserved)('asks nobody about a handle under .%s', async (tld) => {
    const world = await createWorld({})
    const resolveTxt: ResolveTxt = () => Promise.reject(new Error('the DNS was asked'))
    const answer = resolveHandle(handle(`laptop.${tld}`), { fetch: world.fetch, resolveTxt })
    await expect(answer).rejects.toMatchObject(notFound)
    expect(world.asked).toEqual([])
  })

  it('ends with the caller’s reason when the caller gives up', async () => {
    const reason = new Error('the caller left')
    const { fetch } = await createWorld({})
    const deps = { fetch, resolveTxt: noRecords }
    await expect(resolveHandle(alice, deps, AbortSignal.abort(reason))).rejects.toBe(reason)
  })
})

describe('resolveHandle by a resolver', () => {
  async function ask(reply: Reply) {
    const world = await createWorld({ [XRPC]: reply })
    const resolveTxt: ResolveTxt = () => Promise.reject(new Error('the DNS was asked'))
    return resolveHandle(alice, { fetch: world.fetch, resolveTxt, handleResolver: RESOLVER })
  }

  it('asks the resolver alone', async () => {
    expect(await ask({ body: { did: ALICE } })).toBe(ALICE)
  })

  it('finds nobody when the resolver knows nobody', async () => {
    await expect(ask({ status: 400, body: { error: 'HandleNotFound' } })).rejects.toMatchObject(notFound)
  })

  it('finds nobody when the answer is no DID', async () => {
    await expect(ask({ body: { did: 'did:key:z' } })).rejects.toMatchObject(notFound)
  })

  it('calls a resolver that fails unavailable', async () => {
    await expect(ask({ status: 502 })).rejects.toMatchObject({ code: 'server_unavailable', status: 502 })
  })
})
