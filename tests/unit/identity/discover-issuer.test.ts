import { describe, expect, it } from 'vitest'
import { discoverIssuer } from '../../../lib/identity/discover-server.ts'
import { createWorld } from '../../support/unit/world.ts'

const PDS = 'https://pds.host.dev'
const AS = 'https://as.host.dev'
const RESOURCE = `${PDS}/.well-known/oauth-protected-resource`
const resource = (changes: object = {}) => ({ resource: PDS, authorization_servers: [AS], ...changes })

describe('discoverIssuer', () => {
  async function issuerOf(body: unknown, status = 200) {
    const { fetch } = await createWorld({ [RESOURCE]: { status, body } })
    return discoverIssuer(PDS, { fetch, allowLoopback: false })
  }
  const withIssuer = (issuer: unknown) => resource({ authorization_servers: [issuer] })

  it('gives the one issuer that the PDS names', async () => {
    expect(await issuerOf(resource())).toBe(AS)
  })

  const wrong: readonly (readonly [string, unknown])[] = [
    ['another resource', resource({ resource: 'https://other.host.dev' })],
    ['a resource with a slash', resource({ resource: `${PDS}/` })],
    ['no resource', resource({ resource: undefined })],
    ['no server', resource({ authorization_servers: [] })],
    ['two servers', resource({ authorization_servers: [AS, 'https://second.host.dev'] })],
    ['servers that are no list', resource({ authorization_servers: AS })],
    ['no servers at all', resource({ authorization_servers: undefined })],
    ['an issuer with a slash', withIssuer(`${AS}/`)],
    ['an issuer with a path', withIssuer(`${AS}/tenant`)],
    ['an issuer with a query', withIssuer(`${AS}?x`)],
    ['an issuer with a fragment', withIssuer(`${AS}#x`)],
    ['an issuer with its default port', withIssuer(`${AS}:443`)],
    ['an issuer with credentials', withIssuer('https://user@as.host.dev')],
    ['an issuer in upper case', withIssuer(AS.toUpperCase())],
    ['an http issuer', withIssuer('http://as.host.dev')],
    ['an issuer on this machine', withIssuer('https://localhost')],
    ['an issuer at the metadata service', withIssuer('https://169.254.169.254')],
    ['an issuer that is empty', withIssuer('')],
    ['an issuer that is no text', withIssuer({ issuer: AS })],
  ]
  it.each(wrong)('I7 DS-1 DS-2 refuses %s', async (_what, body) => {
    await expect(issuerOf(body)).rejects.toMatchObject({ code: 'server_not_conforming' })
  })

  it('DS-7 I7 does not fall back to the PDS as its own server when there is no document', async () => {
    await expect(issuerOf({}, 404)).rejects.toMatchObject({ code: 'server_not_conforming', status: 404 })
  })
})
