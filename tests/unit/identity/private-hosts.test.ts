/** What is in documents of strangers adds no host to `privateHosts`, and no client learns what another may reach. */
import { describe, expect, it } from 'vitest'
import { discoverServer } from '../../../lib/identity/discover-server.ts'
import { createIdentityCaches } from '../../../lib/identity/identity-caches.ts'
import { resolveDid } from '../../../lib/identity/resolve-did.ts'
import { PDS } from '../../support/unit/context.ts'
import { documentOf, internet, metadataOf, PLC, resourceOf } from '../../support/unit/hostile-internet.ts'
import { ALICE } from '../../support/unit/names.ts'

const privateHosts = ['pds.lan', 'pds.example.com']
const depsOf = (pages: Readonly<Record<string, Response>>, hosts?: readonly string[]) => ({
  fetch: internet(pages),
  plcDirectory: PLC,
  allowLoopback: false,
  privateHosts: hosts,
})

describe('a DID document', () => {
  it('may name a PDS in privateHosts', async () => {
    const { pds } = await resolveDid(ALICE, depsOf(documentOf('https://pds.lan'), privateHosts))
    expect(pds).toBe('https://pds.lan')
  })

  it.each([
    'https://other.lan',
    'https://a.pds.lan',
    'https://pds.lan.',
    'http://pds.lan',
    'https://pds.lan:22',
  ])('SF-1 adds no host to privateHosts: %s', async (pds) => {
    await expect(resolveDid(ALICE, depsOf(documentOf(pds), privateHosts))).rejects.toMatchObject({
      code: 'identity_not_found',
    })
  })
})

describe('the metadata of a server', () => {
  it.each(['https://other.lan', 'https://a.pds.lan', 'http://pds.lan', 'https://192.168.1.10'])(
    'SF-1 adds no issuer to privateHosts: %s',
    async (issuer) => {
      await expect(
        discoverServer(PDS, 'none', depsOf(resourceOf(issuer), privateHosts)),
      ).rejects.toMatchObject({
        code: 'server_not_conforming',
      })
    },
  )

  it('SF-1 adds no endpoint to privateHosts', async () => {
    const pages = {
      ...resourceOf('https://as.host.dev'),
      ...metadataOf({ token_endpoint: 'https://other.lan/token' }),
    }
    await expect(discoverServer(PDS, 'none', depsOf(pages, privateHosts))).rejects.toMatchObject({
      code: 'server_not_conforming',
    })
  })

  it('SF-1 of a public issuer sends no request to a host in privateHosts', async () => {
    const pages = {
      ...resourceOf('https://as.host.dev'),
      ...metadataOf({ token_endpoint: 'https://pds.lan/token' }),
    }
    await expect(discoverServer(PDS, 'none', depsOf(pages, privateHosts))).rejects.toMatchObject({
      code: 'server_not_conforming',
      message: expect.stringContaining('an endpoint is at a host in privateHosts'),
    })
  })
})

describe('clients that share caches', () => {
  it('SF-1 do not share what only one of them may reach', async () => {
    const caches = createIdentityCaches()
    const pages = documentOf('https://pds.lan')
    const named = { ...depsOf(pages, privateHosts), caches }
    expect((await resolveDid(ALICE, named)).pds).toBe('https://pds.lan')
    for (const hosts of [undefined, [], ['other.lan']]) {
      await expect(resolveDid(ALICE, { ...depsOf(pages, hosts), caches })).rejects.toMatchObject({
        code: 'identity_not_found',
      })
    }
    expect((await resolveDid(ALICE, named)).pds).toBe('https://pds.lan')
  })
})
