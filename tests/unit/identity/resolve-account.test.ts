import { describe, expect, it } from 'vitest'
import { createIdentityCaches } from '../../../lib/identity/identity-caches.ts'
import { type IdentityDeps, resolveIdentity } from '../../../lib/identity/resolve-account.ts'
import { resolveHandle } from '../../../lib/identity/resolve-handle.ts'
import { ALICE, handle, MALLORY } from '../../support/unit/names.ts'
import { createWorld } from '../../support/unit/world.ts'

const PLC = 'https://plc.host.dev'

interface Names {
  /** What the document of each DID claims. */
  readonly documents: Readonly<Record<string, readonly string[]>>
  /** What the DNS says of each handle. */
  readonly dns: Readonly<Record<string, string>>
}

function documentOf(id: string, handles: readonly string[]) {
  const type = 'AtprotoPersonalDataServer'
  const service = [{ id: '#atproto_pds', type, serviceEndpoint: 'https://pds.host.dev' }]
  return { id, service, alsoKnownAs: handles.map((name) => `at://${name}`) }
}

async function resolve(input: string, { documents, dns }: Names) {
  const pages = Object.entries(documents).map(([id, handles]) => [
    `${PLC}/${id}`,
    { body: documentOf(id, handles) },
  ])
  const noFile = { 'https://alice.host.dev/.well-known/atproto-did': { status: 404 } }
  const world = await createWorld({ ...noFile, ...Object.fromEntries(pages) })
  const identity = resolveIdentity(input, {
    fetch: world.fetch,
    plcDirectory: PLC,
    allowLoopback: false,
    resolveTxt: async (name) => {
      const did = dns[name.slice('_atproto.'.length)]
      return did === undefined ? [] : [`did=${did}`]
    },
  })
  return identity
}

const honest: Names = { documents: { [ALICE]: ['alice.host.dev'] }, dns: { 'alice.host.dev': ALICE } }
const aliceFound = { did: ALICE, handle: 'alice.host.dev', pds: 'https://pds.host.dev' }

describe('resolveIdentity', () => {
  it.each(['alice.host.dev', ' @Alice.Host.dev', ALICE])(
    'ID-1 finds the account behind %j',
    async (input) => {
      expect(await resolve(input, honest)).toEqual(aliceFound)
    },
  )

  it('ID-8 I5 refuses a handle whose DID names another handle', async () => {
    const names = { ...honest, dns: { 'victim.host.dev': ALICE } }
    await expect(resolve('victim.host.dev', names)).rejects.toMatchObject({ code: 'identity_not_found' })
  })

  it('ID-8 refuses a handle that is only the second of its document', async () => {
    const names = { ...honest, documents: { [ALICE]: ['bob.host.dev', 'alice.host.dev'] } }
    await expect(resolve('alice.host.dev', names)).rejects.toMatchObject({
      code: 'identity_not_found',
      did: ALICE,
    })
  })

  it('ID-8 refuses a handle whose DID names none', async () => {
    const names = { ...honest, documents: { [ALICE]: [] } }
    await expect(resolve('alice.host.dev', names)).rejects.toMatchObject({ code: 'identity_not_found' })
  })

  it('refuses a handle whose DID has no document', async () => {
    await expect(resolve('alice.host.dev', { ...honest, documents: {} })).rejects.toMatchObject({
      name: 'OAuthResolverError',
    })
  })

  it('I5 shows no handle for a document that claims the handle of somebody else', async () => {
    const names = { documents: { [MALLORY]: ['alice.host.dev'] }, dns: { 'alice.host.dev': ALICE } }
    expect(await resolve(MALLORY, names)).toMatchObject({ did: MALLORY, handle: null })
  })

  it('ID-8 shows no handle where the handle leads nowhere', async () => {
    expect(await resolve(ALICE, { ...honest, dns: {} })).toMatchObject({ did: ALICE, handle: null })
  })

  it('shows no handle where the document claims none', async () => {
    const names = { ...honest, documents: { [ALICE]: [] } }
    expect(await resolve(ALICE, names)).toMatchObject({ did: ALICE, handle: null })
  })

  it('refuses what is no identifier before anybody is asked', async () => {
    await expect(resolve('http://169.254.169.254', honest)).rejects.toMatchObject({
      code: 'invalid_identifier',
    })
  })
})

describe('resolveIdentity with a memory', () => {
  /** Names that change while they are remembered, and what was asked. */
  function startOver(names: Names) {
    let current = names
    let time = 1_000_000
    const asked: string[] = []
    const deps: IdentityDeps = {
      fetch: async (input) => {
        const url = new URL(input)
        asked.push(url.href)
        const did = url.pathname.slice(1)
        const handles = url.origin === PLC ? current.documents[did] : undefined
        return handles ? Response.json(documentOf(did, handles)) : new Response(null, { status: 404 })
      },
      plcDirectory: PLC,
      allowLoopback: false,
      resolveTxt: async (name) => {
        asked.push(name)
        const did = current.dns[name.slice('_atproto.'.length)]
        return did === undefined ? [] : [`did=${did}`]
      },
      caches: createIdentityCaches(),
      now: () => time,
    }
    return {
      deps,
      asked,
      change(names: Names) {
        current = names
      },
      advance(ms: number) {
        time += ms
      },
    }
  }
  const renamed: Names = { documents: { [ALICE]: ['new.host.dev'] }, dns: { 'new.host.dev': ALICE } }

  it('ID-8 finds the new handle of an account once the old one, which its remembered document names, is gone', async () => {
    const { deps, change, advance } = startOver(honest)
    // The document is looked up, and remembered, later than the handle.
    await resolveHandle(handle('alice.host.dev'), deps)
    advance(60_000)
    expect(await resolveIdentity(ALICE, deps)).toEqual(aliceFound)
    change(renamed)
    advance(4 * 60_000)
    expect(await resolveIdentity(ALICE, deps)).toEqual({ ...aliceFound, handle: 'new.host.dev' })
  })

  it('ID-8 N11 looks once more at a handle that does not lead back, then not again for half a minute', async () => {
    const { deps, asked, advance } = startOver({ ...honest, dns: {} })
    const rounds = async () => {
      for (let round = 0; round < 10; round += 1) {
        expect(await resolveIdentity(ALICE, deps)).toMatchObject({ handle: null })
      }
      return asked.filter((what) => what === `${PLC}/${ALICE}`).length
    }
    expect(await rounds()).toBe(2)
    advance(29_999)
    expect(await rounds()).toBe(2)
    advance(1)
    expect(await rounds()).toBe(3)
  })

  it('I5 shows no handle for a document that claims the handle of somebody else, at the second look either', async () => {
    const { deps } = startOver({
      documents: { [MALLORY]: ['alice.host.dev'] },
      dns: { 'alice.host.dev': ALICE },
    })
    expect(await resolveIdentity(MALLORY, deps)).toMatchObject({ handle: null })
    expect(await resolveIdentity(MALLORY, deps)).toMatchObject({ handle: null })
  })

  it('does not call a handle invalid because its resolver is down', async () => {
    const { deps } = startOver(honest)
    const handleResolver = { resolve: () => Promise.reject(new Error('down')) }
    const identity = resolveIdentity(ALICE, { ...deps, handleResolver })
    await expect(identity).rejects.toMatchObject({ code: 'server_unavailable' })
  })
})
