/** How many requests anyone can make this server send by filling in its sign-in form. */
import { describe, expect, it } from 'vitest'
import { AtprotoAuthError } from '../../../lib/errors.ts'
import { type ProfileDeps, readProfile } from '../../../lib/identity/account-profile.ts'
import { discoverServerAt } from '../../../lib/identity/discover-by-address.ts'
import { discoverIssuer } from '../../../lib/identity/discover-server.ts'
import { createIdentityCaches } from '../../../lib/identity/identity-caches.ts'
import { type IdentityDeps, resolveAccount } from '../../../lib/identity/resolve-account.ts'
import { parseDid } from '../../../lib/identity/syntax.ts'

const PLC = 'https://plc.host.dev'
const LOGINS = 1_000
const base32 = 'abcdefghijklmnopqrstuvwxyz234567'
/** The DID of that number. */
const didOf = (index: number) =>
  `did:plc:${Array.from({ length: 24 }, (_, at) => base32[(index >> (5 * at)) & 31] ?? 'a').join('')}`

/** Sign-ins within ten seconds, on an internet that `answer` plays; hosts that it leaves out do not answer. */
function setUp(answer: (url: URL) => Response | undefined) {
  let time = 1_000_000
  const asked: URL[] = []
  const deps: IdentityDeps & ProfileDeps = {
    async fetch(input) {
      const url = new URL(input)
      asked.push(url)
      const response = answer(url)
      if (!response) throw new AtprotoAuthError('network_error', 'nobody there')
      return response
    },
    resolveTxt: async () => [],
    plcDirectory: PLC,
    allowLoopback: false,
    caches: createIdentityCaches(),
    now: () => time,
  }
  return {
    deps,
    askedOf: (host: string) => asked.filter(({ hostname }) => hostname === host).length,
    /** Lets each sign-in begin a hundredth of a second after the one before; how many failed. */
    async flood(login: (index: number) => Promise<unknown>) {
      const outcomes: PromiseSettledResult<unknown>[] = []
      for (let index = 0; index < LOGINS; index += 1) {
        outcomes.push(...(await Promise.allSettled([login(index)])))
        time += 10
      }
      return outcomes.filter(({ status }) => status === 'rejected').length
    },
  }
}

const documentOf = (did: string, pds: string, handle?: string) =>
  Response.json({
    id: did,
    alsoKnownAs: handle ? [`at://${handle}`] : [],
    service: [{ id: '#atproto_pds', type: 'AtprotoPersonalDataServer', serviceEndpoint: pds }],
  })
const fromDirectory = (url: URL, pds: string) =>
  url.origin === PLC ? documentOf(url.pathname.slice(1), pds) : undefined

describe('a thousand sign-ins in ten seconds', () => {
  it.each(['victim.dev', 'did:web:victim.dev', '@Victim.dev '])(
    'N11 that name %j send no more than ten requests there',
    async (identifier) => {
      const { deps, askedOf, flood } = setUp(() => undefined)
      expect(await flood(() => resolveAccount(identifier, deps))).toBe(LOGINS)
      expect(askedOf('victim.dev')).toBeLessThanOrEqual(10)
    },
  )

  it('N11 that name it all at once share one request', async () => {
    const { deps, askedOf } = setUp(() => undefined)
    await Promise.allSettled(Array.from({ length: LOGINS }, () => resolveAccount('victim.dev', deps)))
    expect(askedOf('victim.dev')).toBe(1)
  })

  it('N11 by accounts that each name a victim as their PDS send no more than ten requests there', async () => {
    const { deps, askedOf, flood } = setUp((url) => fromDirectory(url, `https://victim.dev`))
    const login = async (index: number) =>
      discoverIssuer((await resolveAccount(didOf(index), deps)).pds, deps)
    expect(await flood(login)).toBe(LOGINS)
    expect(askedOf('victim.dev')).toBeLessThanOrEqual(10)
  })

  it('N11 by accounts that each name another port of a victim send no more than ten requests there', async () => {
    const { deps, askedOf, flood } = setUp(() => undefined)
    const login = (index: number) => discoverServerAt(`https://victim.dev:${8_000 + index}`, 'none', deps)
    expect(await flood(login)).toBe(LOGINS)
    expect(askedOf('victim.dev')).toBeLessThanOrEqual(10)
  })

  it('N11 by handles whose hosts redirect to a victim send no more than ten requests there', async () => {
    const redirect = new Response(null, { status: 302, headers: { location: 'https://victim.dev/did' } })
    const { deps, askedOf, flood } = setUp(({ hostname }) =>
      hostname.endsWith('.evil.dev') ? redirect.clone() : undefined,
    )
    expect(await flood((index) => resolveAccount(`a${index}.evil.dev`, deps))).toBe(LOGINS)
    expect(askedOf('victim.dev')).toBeLessThanOrEqual(10)
  })

  it('N11 with a handle that is not the account’s look at it twice, not a thousand times', async () => {
    const { deps, askedOf, flood } = setUp((url) => {
      if (url.hostname === 'victim.dev') return new Response(didOf(1))
      return fromDirectory(url, 'https://pds.dev')
    })
    expect(await flood(() => resolveAccount('victim.dev', deps))).toBe(LOGINS)
    expect([askedOf('victim.dev'), askedOf('plc.host.dev')]).toEqual([2, 2])
  })

  it('N11 by sign-ins that must not use what is remembered send no more than ten requests there', async () => {
    const { deps, askedOf, flood } = setUp(() => undefined)
    expect(await flood(() => discoverIssuer('https://victim.dev', deps, { fresh: true }))).toBe(LOGINS)
    expect(askedOf('victim.dev')).toBeLessThanOrEqual(10)
  })

  it('N11 of real people of one big host are all let through, and need no request each', async () => {
    const PDS = 'https://big.dev'
    const resource = { resource: PDS, authorization_servers: ['https://as.big.dev'] }
    const { deps, askedOf, flood } = setUp((url) =>
      url.origin === PDS ? Response.json(resource) : fromDirectory(url, PDS),
    )
    const login = async (index: number, fresh: boolean) => {
      const { pds } = await resolveAccount(didOf(index), deps)
      return discoverIssuer(pds, deps, { fresh })
    }
    expect(await flood((index) => login(index, false))).toBe(0)
    expect(askedOf('big.dev')).toBe(1)
    expect(await flood((index) => login(index, true))).toBe(0)
    expect(askedOf('big.dev')).toBe(1_001)
  })

  it('N11 of real people with a did:web each time are let through at their callback', async () => {
    const { deps, flood } = setUp((url) =>
      url.hostname === 'alice.dev' ? documentOf('did:web:alice.dev', 'https://pds.dev') : undefined,
    )
    expect(await flood(() => resolveAccount('did:web:alice.dev', deps, { fresh: true }))).toBe(0)
  })
})

describe('a thousand profiles in ten seconds', () => {
  it.each([
    [
      'a page for every path',
      () => new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } }),
    ],
    ['JSON for every path', () => Response.json({ status: 'ok' })],
    ['404 in JSON', () => Response.json({ error: 'Not Found' }, { status: 404 })],
  ])(
    'of accounts that claim to be on a stranger’s server send no more than ten requests there: %s',
    async (_, reply) => {
      const { deps, flood, askedOf } = setUp(
        (url) =>
          fromDirectory(url, 'https://victim.dev') ?? (url.hostname === 'victim.dev' ? reply() : undefined),
      )
      await flood((index) => readProfile(parseDid(didOf(index)), deps))
      expect(askedOf('victim.dev')).toBeLessThanOrEqual(10)
    },
  )

  it.each([
    [
      'records',
      (did: string) => Response.json({ uri: `at://${did}/app.bsky.actor.profile/self`, value: {} }),
    ],
    ['that there is none', () => Response.json({ error: 'RecordNotFound' }, { status: 400 })],
  ])('of accounts on one PDS are all asked for when it answers with %s', async (_, reply) => {
    const { deps, flood, askedOf } = setUp(
      (url) =>
        fromDirectory(url, 'https://pds.dev') ??
        (url.hostname === 'pds.dev' ? reply(url.searchParams.get('repo') ?? '') : undefined),
    )
    await flood((index) => readProfile(parseDid(didOf(index)), deps))
    expect(askedOf('pds.dev')).toBe(LOGINS)
  })
})
