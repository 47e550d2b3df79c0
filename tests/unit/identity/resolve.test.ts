import { describe, expect, it } from 'vitest'
import { resolveIdentity } from '../../../lib/identity/resolve.ts'
import { ALICE, MALLORY } from '../support/names.ts'
import { createWorld } from '../support/world.ts'

const PLC = 'https://plc.host.dev'

interface Names {
  /** What the document of each DID claims. */
  readonly documents: Readonly<Record<string, readonly string[]>>
  /** What the DNS says of each handle. */
  readonly dns: Readonly<Record<string, string>>
}

async function resolve(input: string, { documents, dns }: Names) {
  const pages = Object.entries(documents).map(([id, handles]) => {
    const type = 'AtprotoPersonalDataServer'
    const service = [{ id: '#atproto_pds', type, serviceEndpoint: 'https://pds.host.dev' }]
    return [`${PLC}/${id}`, { body: { id, service, alsoKnownAs: handles.map((name) => `at://${name}`) } }]
  })
  const world = await createWorld(Object.fromEntries(pages))
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
