/** Documents that say who an account is and which servers it has: whatever stands in them, none leads elsewhere. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OAuthResolverError } from '../../../lib/errors.ts'
import { readProfile } from '../../../lib/identity/account-profile.ts'
import { askResolver } from '../../../lib/identity/configured-resolver.ts'
import { discoverServerAt } from '../../../lib/identity/discover-by-address.ts'
import { describeServer, discoverIssuer } from '../../../lib/identity/discover-server.ts'
import { resolveDid } from '../../../lib/identity/resolve-did.ts'
import { resolveHandle } from '../../../lib/identity/resolve-handle.ts'
import { isDid, isHandle, parseDid, parseIdentifier } from '../../../lib/identity/syntax.ts'
import { checkUrl } from '../../../lib/net/address-policy.ts'
import { encodeTxtQuery } from '../../../lib/net/dns-message.ts'
import { createDohResolveTxt } from '../../../lib/net/doh.ts'
import type { GuardedFetch } from '../../../lib/net/guarded-fetch.ts'
import { anyText, forAllSlow, like, likeBytes } from '../../support/unit/fuzz.ts'
import { expectPlain, hostileResponse, hostileValue, orTypedError } from '../../support/unit/hostile-json.ts'

const PDS = 'https://pds.host.dev'
const ISSUER = 'https://as.host.dev'
const policy = { allowLoopback: false }
const alice = parseIdentifier('alice.host.dev')
const dids = ['did:plc:ewvi7nxzyoun6zhxrhs64oiz', 'did:web:alice.host.dev'].map(parseDid)
const noTxt = () => Promise.resolve([])

function identityOf(fetch: GuardedFetch) {
  return { fetch, resolveTxt: noTxt, plcDirectory: 'https://plc.host.dev', ...policy }
}

/** A public https address, as the rules for requests have it. */
function expectAllowed(address: string): void {
  expect(checkUrl(address, policy).protocol).toBe('https:')
}

describe.each(dids)('a DID document of %s', (did) => {
  const document = {
    '@context': ['https://www.w3.org/ns/did/v1'],
    id: did,
    alsoKnownAs: ['at://alice.host.dev', 'https://alice.dev'],
    verificationMethod: [
      { id: `${did}#atproto`, type: 'Multikey', controller: did, publicKeyMultibase: 'zQ3s' },
    ],
    service: [{ id: '#atproto_pds', type: 'AtprotoPersonalDataServer', serviceEndpoint: PDS }],
  }

  it('is of that DID and leads to a public server, or gives a typed error', async () => {
    await forAllSlow(hostileResponse(document), async (answer) => {
      const found = await orTypedError(
        resolveDid(
          did,
          identityOf(async () => answer()),
        ),
      )
      if (!found) return
      expect([found.did, new URL(found.pds).origin]).toEqual([did, found.pds])
      expectAllowed(found.pds)
      if (found.claimedHandle !== undefined) expect(isHandle(found.claimedHandle)).toBe(true)
      expectPlain(found)
    })
  })
})

describe('the metadata of a server', () => {
  const resource = { resource: PDS, authorization_servers: [ISSUER], scopes_supported: ['atproto'] }
  const server = {
    issuer: ISSUER,
    authorization_endpoint: `${ISSUER}/oauth/authorize`,
    token_endpoint: `${ISSUER}/oauth/token`,
    pushed_authorization_request_endpoint: `${ISSUER}/oauth/par`,
    revocation_endpoint: `${ISSUER}/oauth/revoke`,
    client_id_metadata_document_supported: true,
    authorization_response_iss_parameter_supported: true,
    require_pushed_authorization_requests: true,
    code_challenge_methods_supported: ['S256'],
    dpop_signing_alg_values_supported: ['ES256'],
    token_endpoint_auth_methods_supported: ['none', 'private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: ['ES256'],
    scopes_supported: ['atproto'],
    response_types_supported: ['code'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    protected_resources: [PDS],
  }
  const expected = { issuer: ISSUER, pds: PDS, authMethod: 'none' } as const

  function expectServer(found: Awaited<ReturnType<typeof describeServer>> | undefined): void {
    if (!found) return
    const { issuer, revocationEndpoint, ...endpoints } = found
    expect(issuer).toBe(ISSUER)
    for (const endpoint of [...Object.values(endpoints), revocationEndpoint ?? ISSUER]) {
      expectAllowed(endpoint)
      expect(endpoint).not.toContain('#')
    }
    expectPlain(found)
  }

  it('as a PDS has it names a public issuer, or gives a typed error', async () => {
    await forAllSlow(hostileResponse(resource), async (answer) => {
      const issuer = await orTypedError(
        discoverIssuer(
          PDS,
          identityOf(async () => answer()),
        ),
      )
      if (issuer === undefined) return
      expect(new URL(issuer).origin).toBe(issuer)
      expectAllowed(issuer)
    })
  })

  it('as an authorization server has it is of that issuer, its endpoints public, or gives a typed error', async () => {
    await forAllSlow(hostileResponse(server), async (answer) => {
      expectServer(
        await orTypedError(
          describeServer(
            expected,
            identityOf(async () => answer()),
          ),
        ),
      )
    })
  })

  it('in the shared cache is held to the same rules', async () => {
    await forAllSlow(hostileValue(server), async (row) => {
      const sharedCache = { read: async () => row, write: async () => {} }
      const asked = { ...identityOf(async () => Response.json(server)), sharedCache }
      expectServer(await orTypedError(describeServer(expected, asked)))
    })
  })

  it('at a typed address is that of a PDS, of a server, or gives one of three errors', async () => {
    const codes = new Set(['invalid_identifier', 'server_unavailable', 'identity_not_found'])
    await forAllSlow(
      fc.tuple(hostileResponse(resource), hostileResponse(server)),
      async ([ofPds, ofServer]) => {
        const fetch: GuardedFetch = async (url) => (String(url).includes('protected') ? ofPds() : ofServer())
        const work = discoverServerAt(ISSUER, 'none', identityOf(fetch)).catch((error: unknown) => {
          if (error instanceof OAuthResolverError) expect(codes).toContain(error.code)
          throw error
        })
        const found = await orTypedError(work)
        if (found) for (const address of [found.tokenEndpoint, found.parEndpoint]) expectAllowed(address)
      },
    )
  })
})

describe('what a handle resolves to', () => {
  const did = dids[0] ?? ''
  const files = fc.tuple(fc.oneof(like(did), anyText), fc.constantFrom(200, 302, 404, 429, 500)).map(
    ([body, status]) =>
      () =>
        new Response(body, { status, headers: { location: `https://${body.length}.evil.dev/` } }),
  )

  it('is a DID or a typed error, whatever DNS and its host say', async () => {
    if (isDid(alice)) throw new TypeError('A handle was expected.')
    const records = fc.array(fc.oneof(like(`did=${did}`), anyText), { maxLength: 4 })
    await forAllSlow(fc.tuple(records, files), async ([texts, file]) => {
      const deps = { ...identityOf(async () => file()), resolveTxt: async () => texts }
      const found = await orTypedError(resolveHandle(alice, deps))
      if (found !== undefined) expect(isDid(found)).toBe(true)
    })
  })

  it('at a configured resolver is a DID, none or a typed error', async () => {
    if (isDid(alice)) throw new TypeError('A handle was expected.')
    await forAllSlow(hostileResponse({ did }), async (answer) => {
      const found = await orTypedError(
        askResolver(alice, 'https://resolver.dev', { fetch: async () => answer() }),
      )
      if (found !== undefined) expect(isDid(found)).toBe(true)
    })
  })

  it('by DNS over HTTPS is texts or a typed error', async () => {
    const question = encodeTxtQuery('_atproto.alice.host.dev')
    const message = Uint8Array.from([
      ...[0, 0, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, ...question.slice(12)],
      ...[0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, 8, 7, ...new TextEncoder().encode('did=abc')],
    ])
    const types = fc.constantFrom('application/dns-message', 'application/dns-json', 'text/html')
    await forAllSlow(fc.tuple(likeBytes(message), types), async ([bytes, type]) => {
      const headers = { 'content-type': type }
      const fetch: GuardedFetch = async () => new Response(Uint8Array.from(bytes), { headers })
      const resolveTxt = createDohResolveTxt('https://dns.host.dev/dns-query', { fetch })
      for (const text of (await orTypedError(resolveTxt('_atproto.alice.host.dev'))) ?? [])
        expect(text).toBeTypeOf('string')
    })
  })
})

describe('a profile record', () => {
  const [did = parseDid('did:plc:ewvi7nxzyoun6zhxrhs64oiz')] = dids
  const record = {
    uri: `at://${did}/app.bsky.actor.profile/self`,
    value: {
      displayName: 'Alice',
      avatar: { $type: 'blob', ref: { $link: `bafkrei${'a'.repeat(52)}` }, mimeType: 'image/png', size: 1 },
    },
  }
  const document = {
    id: did,
    service: [{ id: '#atproto_pds', type: 'AtprotoPersonalDataServer', serviceEndpoint: PDS }],
  }

  it('gives a name of one line and a picture of that PDS, or neither', async () => {
    await forAllSlow(hostileResponse(record), async (answer) => {
      const fetch: GuardedFetch = async (url) =>
        String(url).includes('/xrpc/') ? answer() : Response.json(document)
      const { displayName = '', avatar } = await readProfile(did, identityOf(fetch))
      expect(displayName).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u)
      if (avatar !== undefined)
        expect(avatar).toMatch(/^https:\/\/pds\.host\.dev\/xrpc\/com\.atproto\.sync\.getBlob\?/)
    })
  })
})
