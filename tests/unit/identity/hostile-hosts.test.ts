/**
 * Every way in which someone else's text becomes the host of a request of ours, with every hostile host: nothing
 * may leave, and what the visitor is told may not tell hosts apart.
 */
import { describe, expect, it } from 'vitest'
import { generatePrivateJwk } from '../../../lib/crypto/keyset.ts'
import { AtprotoAuthError } from '../../../lib/errors.ts'
import { discoverIssuer, discoverServer } from '../../../lib/identity/discover-server.ts'
import { createIdentityCaches } from '../../../lib/identity/identity-caches.ts'
import { type IdentityDeps, resolveAccount } from '../../../lib/identity/resolve-account.ts'
import { createGuardedFetch } from '../../../lib/net/guarded-fetch.ts'
import { OAuthSession } from '../../../lib/oauth/session/session.ts'
import { startAuthorization } from '../../../lib/oauth/sign-in/authorize.ts'
import { finishAuthorization } from '../../../lib/oauth/sign-in/callback.ts'
import { refreshSession } from '../../../lib/oauth/tokens/refresh.ts'
import { revokeTokens } from '../../../lib/oauth/tokens/revoke.ts'
import { createSessionTokens } from '../../../lib/oauth/tokens/session-tokens.ts'
import { refusalOf } from '../../support/refusal.ts'
import { recordConnectionAttempts } from '../../support/unit/connection-attempts.ts'
import { createContext, ISSUER, PDS, sessionRow, stateRow } from '../../support/unit/context.ts'
import { hostileHosts } from '../../support/unit/hostile-hosts.ts'
import { documentOf, internet, metadataOf, PLC, resourceOf } from '../../support/unit/hostile-internet.ts'
import { ALICE } from '../../support/unit/names.ts'
import { serve } from '../../support/unit/serve.ts'

const GOOD_HANDLE = 'good.host.dev'
const jwk = await generatePrivateJwk()

function depsOf(pages: Readonly<Record<string, Response>>): IdentityDeps {
  return {
    fetch: internet(pages),
    resolveTxt: async () => [],
    plcDirectory: PLC,
    allowLoopback: false,
    caches: createIdentityCaches(),
  }
}

function redirect(location: string): Response {
  const headers = new Headers(URL.canParse(location) ? { location: new URL(location).href } : {})
  return new Response(null, { status: 302, headers })
}
const contextOf = (pages: Readonly<Record<string, Response>>) => createContext({ fetch: internet(pages) })

/** A sign-in of an account whose server names that host for one of its endpoints. */
const signInWith = (changes: object) =>
  startAuthorization(
    ALICE,
    {},
    contextOf({ ...documentOf(PDS), ...resourceOf(ISSUER), ...metadataOf(changes) }),
  )

async function callSession(pds: string, path: string): Promise<unknown> {
  const context = contextOf({})
  const stored = await context.sessions.create('id', sessionRow(jwk, { pds }))
  return new OAuthSession(createSessionTokens(stored, context), context).fetchHandler(path)
}

/** Each sink takes a host, with or without port, and has to fail or to find nothing. */
const sinks: Readonly<Record<string, (host: string) => Promise<unknown>>> = {
  'a handle': (host) => resolveAccount(host, depsOf({})),
  'a redirect of a handle’s host': (host) => {
    const answer = redirect(`https://${host}/.well-known/atproto-did`)
    return resolveAccount(GOOD_HANDLE, depsOf({ [`https://${GOOD_HANDLE}/.well-known/atproto-did`]: answer }))
  },
  'a did:web': (host) => resolveAccount(`did:web:${host}`, depsOf({})),
  'a did:web in percent-encoding': (host) =>
    resolveAccount(`did:web:${encodeURIComponent(host)}`, depsOf({})),
  'the PDS in a DID document': async (host) => {
    const deps = depsOf(documentOf(`https://${host}`))
    return discoverIssuer((await resolveAccount(ALICE, deps)).pds, deps)
  },
  'the authorization server of a PDS': (host) =>
    discoverServer(PDS, 'none', depsOf(resourceOf(`https://${host}`))),
  'the address of a server': (host) => startAuthorization(`https://${host}`, {}, contextOf({})),
  'the PAR endpoint': (host) => signInWith({ pushed_authorization_request_endpoint: `https://${host}/par` }),
  'the token endpoint at the callback': async (host) => {
    const context = contextOf({})
    await context.states.create('state', stateRow(jwk, { tokenEndpoint: `https://${host}/token` }))
    return finishAuthorization(
      new URLSearchParams({ state: 'state', iss: ISSUER, code: 'code' }),
      {},
      context,
    )
  },
  'the token endpoint at a refresh': async (host) => {
    const context = contextOf({ ...documentOf(PDS), ...resourceOf(ISSUER) })
    const row = sessionRow(jwk, { tokenEndpoint: `https://${host}/token` })
    return refreshSession(await context.sessions.create('id', row), context)
  },
  'the revocation endpoint': async (host) => {
    const row = sessionRow(jwk, { revocationEndpoint: `https://${host}/revoke` })
    if (!(await revokeTokens(row, contextOf({})))) throw new AtprotoAuthError('network_error', 'not revoked')
  },
  'a PDS that has moved inside': (host) => callSession(`https://${host}`, '/xrpc/a.b.c'),
  'the path of a call': (host) => callSession(PDS, `https://${host}/xrpc/a.b.c`),
  'the path of a call, without scheme': (host) => callSession(PDS, `//${host}/xrpc/a.b.c`),
  'the path of a call, with a backslash': (host) => callSession(PDS, `/\\${host}/xrpc/a.b.c`),
}

describe('a hostile host', () => {
  it('N1 N3 comes in sixty spellings at least', () => {
    expect(new Set(hostileHosts).size).toBeGreaterThanOrEqual(60)
  })

  it.each(Object.entries(sinks))('N1 N3 SF-1 is never contacted as %s', async (_name, sink) => {
    const server = await serve((_request, response) => response.end('secret'))
    const attempts = recordConnectionAttempts()
    for (const host of hostileHosts) {
      for (const spelling of [host, `${host}:${server.port}`]) {
        await expect(sink(spelling), spelling).rejects.toThrow()
      }
    }
    expect([attempts, server.connections()]).toEqual([[], 0])
  })

  it('N1 is refused with no error but ours, at once', async () => {
    const begun = performance.now()
    let tries = 0
    for (const [name, sink] of Object.entries(sinks)) {
      for (const host of hostileHosts) {
        tries += 1
        await expect(sink(host), `${name}: ${host}`).rejects.toSatisfy(
          (error) => error instanceof AtprotoAuthError || error instanceof TypeError,
        )
      }
    }
    expect((performance.now() - begun) / tries).toBeLessThan(100)
  })

  it('is seen by this test when something does leave', async () => {
    const server = await serve((_request, response) => response.end())
    const attempts = recordConnectionAttempts()
    await createGuardedFetch({ localNetwork: {} })(server.origin, { kind: 'discovery' })
    expect([attempts, server.connections()]).toEqual([['127.0.0.1'], 1])
  })
})

describe('what a visitor is told', () => {
  /**
   * Names that lead to an open and a closed port inside, to a refused address, to a closed port outside, and nowhere: a
   * visitor who typed a name that does not exist as a handle is told so, and nobody else.
   */
  const leading = ['inside0.evil.dev', 'inside2.evil.dev', 'inside5.evil.dev', 'inside14.evil.dev']
  const closed = 'closed.evil.dev'
  const hosts = [...leading, closed, 'nowhere.evil.dev']
  const redirectTo = (host: string) =>
    depsOf({ [`https://${GOOD_HANDLE}/.well-known/atproto-did`]: redirect(`https://${host}/did`) })
  const byVisitor = {
    'a handle’s redirect': [
      'server_unavailable',
      (host: string) => resolveAccount(GOOD_HANDLE, redirectTo(host)),
    ],
    'a did:web': ['server_unavailable', (host: string) => resolveAccount(`did:web:${host}`, depsOf({}))],
    'the address of a server': [
      'server_unavailable',
      (host: string) => startAuthorization(`https://${host}`, {}, contextOf({})),
    ],
    'the PDS of an account': [
      'server_unavailable',
      (host: string) => startAuthorization(ALICE, {}, contextOf(documentOf(`https://${host}`))),
    ],
    'the authorization server of a PDS': [
      'server_unavailable',
      (host: string) =>
        startAuthorization(ALICE, {}, contextOf({ ...documentOf(PDS), ...resourceOf(`https://${host}`) })),
    ],
    'the PAR endpoint': [
      'server_unavailable',
      (host: string) => signInWith({ pushed_authorization_request_endpoint: `https://${host}/par` }),
    ],
  } as const

  it.each(Object.entries(byVisitor))(
    'N10 is the same of %s that is inside, refused or unknown',
    async (_what, [code, login]) => {
      for (const host of hosts) {
        const error = await login(host).then(
          () => undefined,
          (reason: unknown) => reason,
        )
        expect(error, host).toMatchObject({
          code,
          message: expect.not.stringMatching(/public address|found$/),
        })
      }
    },
  )

  it('N10 is the same of a handle that leads inside and of one that does not exist', async () => {
    const hosts = [...leading, 'nowhere.evil.dev']
    const errors = await Promise.all(hosts.map((host) => refusalOf(resolveAccount(host, depsOf({})))))
    expect(errors).toEqual(
      hosts.map((host) =>
        expect.objectContaining({
          code: 'identity_not_found',
          message: `The handle ${host} does not resolve to an account.`,
        }),
      ),
    )
  })

  it('is that the host of a handle could not be asked, of a closed port', async () => {
    expect(await refusalOf(resolveAccount(closed, depsOf({})))).toMatchObject({
      code: 'server_unavailable',
      message: `The handle ${closed} could not be looked up.`,
    })
  })

  it('is that there is no account, of a handle whose name does not exist', async () => {
    const error = await refusalOf(resolveAccount('nowhere.evil.dev', depsOf({})))
    expect(error).toMatchObject({ code: 'identity_not_found' })
  })
})
