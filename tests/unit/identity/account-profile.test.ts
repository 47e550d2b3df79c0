import { describe, expect, it } from 'vitest'
import { type ProfileDeps, readProfile } from '../../../lib/identity/account-profile.ts'
import { createIdentityCaches } from '../../../lib/identity/identity-caches.ts'
import { parseDid } from '../../../lib/identity/syntax.ts'
import { ALICE } from '../../support/unit/names.ts'
import { createWorld, type Reply } from '../../support/unit/world.ts'

const PLC = 'https://plc.host.dev'
const PDS = 'https://pds.host.dev'
const did = parseDid(ALICE)
const CID = `bafkrei${'a'.repeat(52)}`
const params = new URLSearchParams({ repo: ALICE, collection: 'app.bsky.actor.profile', rkey: 'self' })
const RECORD = `${PDS}/xrpc/com.atproto.repo.getRecord?${params}`
const DOCUMENT = `${PLC}/${ALICE}`
const WELL_KNOWN = 'https://alice.host.dev/.well-known/atproto-did'
const document = {
  id: ALICE,
  alsoKnownAs: ['at://alice.host.dev'],
  service: [{ id: '#atproto_pds', type: 'AtprotoPersonalDataServer', serviceEndpoint: PDS }],
}
const picture = { $type: 'blob', ref: { $link: CID }, mimeType: 'image/jpeg', size: 7 }
const record = (value: unknown): Reply => ({ body: { uri: 'at://x', cid: 'x', value } })
const avatar = `${PDS}/xrpc/com.atproto.sync.getBlob?${new URLSearchParams({ did: ALICE, cid: CID })}`
const none = { handle: 'alice.host.dev', displayName: undefined, avatar: undefined, isComplete: true }

/** A network whose replies a test changes, and a clock that it moves. */
async function startNetwork(replies: Record<string, Reply> = {}) {
  const sites: Record<string, Reply> = {
    [DOCUMENT]: { body: document },
    [WELL_KNOWN]: { status: 404 },
    [RECORD]: record({ displayName: 'Alice', avatar: picture }),
    ...replies,
  }
  const world = await createWorld(sites)
  let time = Date.UTC(2026, 0, 1)
  let txt: () => Promise<string[]> = async () => [`did=${ALICE}`]
  const deps: ProfileDeps = {
    fetch: world.fetch,
    plcDirectory: PLC,
    allowLoopback: false,
    resolveTxt: () => txt(),
    caches: createIdentityCaches(),
    now: () => time,
  }
  return {
    sites,
    deps,
    read: () => readProfile(did, deps),
    advance(ms: number) {
      time += ms
    },
    failDns() {
      txt = () => Promise.reject(Object.assign(new Error('down'), { code: 'EAI_AGAIN' }))
    },
    records: () => world.asked.filter((url) => url === RECORD).length,
  }
}

const profileOf = async (value: unknown) => (await startNetwork({ [RECORD]: record(value) })).read()

describe('readProfile', () => {
  it('gives the verified handle, the name, and the address of the picture on the PDS', async () => {
    const network = await startNetwork()
    expect(await network.read()).toEqual({
      handle: 'alice.host.dev',
      displayName: 'Alice',
      avatar,
      isComplete: true,
    })
  })

  it('sends no token and no cookie', async () => {
    const network = await startNetwork()
    const sent: Headers[] = []
    const { fetch } = network.deps
    await readProfile(did, {
      ...network.deps,
      fetch(url, request) {
        sent.push(new Headers(request.headers))
        return fetch(url, request)
      },
    })
    expect(sent.flatMap((headers) => [...headers.keys()])).not.toContain('authorization')
    expect(sent.flatMap((headers) => [...headers.keys()])).not.toContain('cookie')
  })

  it('names no handle that does not lead back to the account', async () => {
    const network = await startNetwork({ [WELL_KNOWN]: { status: 200, body: ALICE } })
    const profile = await readProfile(did, {
      ...network.deps,
      resolveTxt: async () => [`did=did:plc:${'m'.repeat(24)}`],
    })
    expect(profile).toMatchObject({ handle: undefined, displayName: 'Alice', isComplete: true })
  })

  it.each([400, 404])('has no name and no picture where there is no record (%i)', async (status) => {
    const network = await startNetwork({ [RECORD]: { status, body: { error: 'RecordNotFound' } } })
    expect(await network.read()).toEqual(none)
  })

  it.each([400, 404])('does not take the page of a gateway for "no record" (%i)', async (status) => {
    const page = { status, body: '<h1>Tunnel not found', headers: { 'content-type': 'text/html' } }
    const network = await startNetwork({ [RECORD]: page })
    expect(await network.read()).toMatchObject({ displayName: undefined, isComplete: false })
  })

  it('is empty, and complete, for an account that does not exist', async () => {
    const network = await startNetwork({ [DOCUMENT]: { status: 404 } })
    expect(await network.read()).toEqual({ ...none, handle: undefined })
  })
})

describe('a hostile record', () => {
  it.each<[string, unknown]>([
    ['no object', 7],
    ['a list', []],
    ['null', null],
    ['a name that is a number', { displayName: 7 }],
    ['a name that is an object', { displayName: { toString: 'x' } }],
    ['an empty name', { displayName: '' }],
    ['a name of spaces and invisible characters', { displayName: ' \u200b\u2060\u3164\u202e ' }],
    ['a name of 641 bytes', { displayName: 'x'.repeat(641) }],
    ['a name of 65 letters', { displayName: 'x'.repeat(65) }],
    ['a letter under a heap of marks', { displayName: `a${'\u0301'.repeat(600)}` }],
    ['a picture that is a web address', { avatar: 'https://evil.dev/pixel.png' }],
    ['a picture without a type', { avatar: { ref: { $link: CID } } }],
    ['a picture in the old form', { avatar: { cid: CID, mimeType: 'image/png' } }],
    ['an SVG', { avatar: { ...picture, mimeType: 'image/svg+xml' } }],
    ['a page', { avatar: { ...picture, mimeType: 'text/html' } }],
    ['a CID with a path', { avatar: { ...picture, ref: { $link: '../../../admin' } } }],
    ['a CID with a query', { avatar: { ...picture, ref: { $link: `${CID}&did=did:plc:x` } } }],
    ['a CID that is a list', { avatar: { ...picture, ref: { $link: [CID] } } }],
    ['a CID of a megabyte', { avatar: { ...picture, ref: { $link: 'b'.repeat(30_000) } } }],
    ['a prototype', JSON.parse('{"__proto__":{"displayName":"Mallory"}}')],
  ])('%s counts as missing', async (_what, value) => {
    expect(await profileOf(value)).toEqual(none)
  })

  it('of a megabyte counts as missing', async () => {
    expect(await profileOf({ displayName: 'x'.repeat(1_000_000) })).toEqual(none)
  })

  it('keeps one good field beside a bad one', async () => {
    expect(await profileOf({ displayName: 7, avatar: picture })).toMatchObject({ avatar })
    expect(await profileOf({ displayName: 'Alice', avatar: 7 })).toMatchObject({ displayName: 'Alice' })
  })

  it.each([
    ['\u202eecilA\u202c', 'ecilA'],
    ['Alice\u0000\u001b[31m\nBob', 'Alice [31m Bob'],
    ['\u2066Alice\u2069 \u200f', 'Alice'],
    ['👩\u200d💻 Alice', '👩\u200d💻 Alice'],
    ['می\u200cخواهم', 'می\u200cخواهم'],
    ['half \ud83d of a letter', 'half of a letter'],
  ])('%j is shown as %j', async (displayName, shown) => {
    expect(await profileOf({ displayName })).toMatchObject({ displayName: shown })
  })
})

describe('what could not be asked', () => {
  it.each<[string, Reply]>([
    ['is down', { failure: 'closed' }],
    ['has no address', { failure: 'ENOTFOUND' }],
    ['is at an address inside', { failure: 'blocked' }],
    ['has a wrong certificate', { failure: 'TLS' }],
    ['fails', { status: 502 }],
    ['has had enough', { status: 429 }],
    ['refuses this server', { status: 403 }],
    ['redirects', { status: 302, headers: { location: 'https://evil.dev' } }],
    ['sends a page', { body: '<title>Sign in to the hotel</title>' }],
  ])('is no missing record: the PDS %s', async (_what, reply) => {
    const network = await startNetwork({ [RECORD]: reply })
    expect(await network.read()).toEqual({ ...none, isComplete: false })
  })

  it('leaves the name and the picture as they were known', async () => {
    const network = await startNetwork()
    const known = await network.read()
    network.advance(11 * 60_000)
    network.sites[RECORD] = { status: 500 }
    expect(await network.read()).toEqual({ ...known, isComplete: false })
  })

  it('leaves the handle as it was known', async () => {
    const network = await startNetwork()
    const known = await network.read()
    network.advance(11 * 60_000)
    network.failDns()
    expect(await network.read()).toEqual({ ...known, isComplete: false })
  })

  it('leaves everything as it was known when the directory is down', async () => {
    const network = await startNetwork()
    const known = await network.read()
    network.advance(11 * 60_000)
    network.sites[DOCUMENT] = { status: 503 }
    expect(await network.read()).toEqual({ ...known, isComplete: false })
  })

  it('is given after two seconds, and the look-up goes on for the next caller', async () => {
    const network = await startNetwork()
    const { fetch } = network.deps
    const { promise: held, resolve: release } = Promise.withResolvers<void>()
    const deps: ProfileDeps = {
      ...network.deps,
      fetch: async (url, request) => {
        await held
        return fetch(url, request)
      },
    }
    const works: Promise<unknown>[] = []
    const waitUntil = (work: Promise<unknown>) => void works.push(work)
    expect(await readProfile(did, deps, { waitUntil })).toEqual({
      handle: undefined,
      displayName: undefined,
      avatar: undefined,
      isComplete: false,
    })
    release()
    await Promise.all(works)
    expect(works).toHaveLength(1)
    expect(await readProfile(did, deps)).toMatchObject({ displayName: 'Alice', isComplete: true })
    expect(network.records()).toBe(1)
  })
})

describe('the cache of profiles', () => {
  it('asks once for callers at the same time, and for ten minutes', async () => {
    const network = await startNetwork()
    await Promise.all(Array.from({ length: 20 }, network.read))
    network.advance(9 * 60_000)
    await network.read()
    expect(network.records()).toBe(1)
    network.advance(2 * 60_000)
    network.sites[RECORD] = record({ displayName: 'Alicia' })
    expect(await network.read()).toMatchObject({ displayName: 'Alicia', avatar: undefined })
    expect(network.records()).toBe(2)
  })

  it('asks again half a minute after a failure, not before', async () => {
    const network = await startNetwork({ [RECORD]: { status: 500 } })
    await network.read()
    await network.read()
    expect(network.records()).toBe(1)
    network.sites[RECORD] = record({ displayName: 'Alice' })
    network.advance(31_000)
    expect(await network.read()).toMatchObject({ displayName: 'Alice', isComplete: true })
  })
})
