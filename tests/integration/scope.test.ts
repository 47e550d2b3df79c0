/** What a real PDS makes of requested scopes, and that this library reads its answers by meaning. */
import {
  buildClientMetadata,
  compareScopes,
  missingScopes,
  type OAuthClient,
  scopeAllows,
} from 'next-atproto-auth/oauth'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestClient } from '../support/client.ts'
import { type LocalNetwork, startNetwork } from '../support/network/network.ts'
import { approve } from '../support/person.ts'

const POST = 'repo:app.bsky.feed.post'

let network: LocalNetwork
beforeAll(async () => {
  network = await startNetwork()
})
afterAll(() => network.stop())

function createClient(scope: string): OAuthClient {
  const clientMetadata = buildClientMetadata({
    publicUrl: 'http://127.0.0.1:3000',
    scope,
    metadataPath: '/oauth-client-metadata.json',
    jwksPath: '/oauth/jwks.json',
    callbackPath: '/oauth/callback',
  })
  return createTestClient(network, { clientMetadata })
}

async function signIn(client: OAuthClient, scope?: string) {
  const { alice } = network.accounts
  const { url } = await client.start(alice.handle, { scope })
  return (await client.callback((await approve(url, alice)).searchParams)).session
}

describe('a real PDS', () => {
  it('SC-3: silently drops scopes that it cannot read, and they are reported missing', async () => {
    const dropped = ['repo:app.bsky.*', 'rpc:a.b.c', 'space:a.b.c', 'blob']
    const requested = `atproto ${dropped.join(' ')} ${POST}`
    const { scope } = await signIn(createClient(requested))
    expect(missingScopes(requested, scope)).toEqual(dropped)
    expect(scopeAllows(scope, `${POST}?action=create`)).toBe(true)
  })

  it('SC-2: takes every kind of scope that this library calls valid', async () => {
    const requested = [
      'atproto transition:generic transition:email transition:chat.bsky',
      'repo?collection=app.bsky.feed.post&collection=app.bsky.feed.like&action=create',
      'rpc:app.bsky.actor.getProfile?aud=did:web:api.bsky.app%23bsky_appview rpc:a.b.c?aud=*',
      'blob?accept=image/*&accept=video/mp4 account:repo?action=manage identity:handle',
    ].join(' ')
    const { scope } = await signIn(createClient(requested))
    expect(compareScopes(requested, scope)).toEqual({ missing: [], undecided: [], extra: [] })
  })

  it('SC-7: gives more after a new sign-in with a larger scope, of one and the same client', async () => {
    const client = createClient(`atproto ${POST} account:email`)
    const small = await signIn(client, 'atproto')
    expect(missingScopes(`atproto ${POST}`, small.scope)).toEqual([POST])
    const large = await signIn(client, `atproto ${POST}`)
    expect(missingScopes(`atproto ${POST}`, large.scope)).toEqual([])
    expect(scopeAllows(large.scope, 'account:email')).toBe(false)
  })

  it('MD-5 SC-1: is never asked for a scope that the metadata does not declare', async () => {
    const client = createClient(`atproto ${POST}`)
    for (const scope of [`atproto blob:*/*`, `atproto repo?collection=app.bsky.feed.post`, POST]) {
      await expect(client.start(network.accounts.alice.handle, { scope })).rejects.toMatchObject({
        code: 'configuration',
      })
    }
  })

  it('SC-6: refuses a permission set that it cannot resolve', async () => {
    const client = createClient('atproto include:com.example.authBasicFeatures')
    await expect(client.start(network.accounts.alice.handle)).rejects.toMatchObject({
      code: 'oauth_error',
      error: 'invalid_scope',
    })
  })

  it.each([
    [`atproto ${POST}?action=delete`, 'com.atproto.repo.createRecord', `${POST}?action=create`],
    ['atproto', 'com.atproto.repo.uploadBlob', 'blob:image/png'],
  ])(
    'RS-3: with %s names what %s needs, and that is not allowed here either',
    async (granted, method, needed) => {
      const session = await signIn(createClient(granted))
      const record = { $type: 'app.bsky.feed.post', text: 'x', createdAt: new Date().toISOString() }
      const isBlob = method.endsWith('uploadBlob')
      const response = await session.fetchHandler(`/xrpc/${method}`, {
        method: 'POST',
        headers: { 'content-type': isBlob ? 'image/png' : 'application/json' },
        body: isBlob ? 'x' : JSON.stringify({ repo: session.did, collection: 'app.bsky.feed.post', record }),
      })
      expect(response.status).toBe(403)
      expect(await response.json()).toEqual({
        error: 'ScopeMissingError',
        message: `Missing required scope "${needed}"`,
      })
      expect(scopeAllows(session.scope, needed)).toBe(false)
    },
  )

  it('SC-8: tells who signed in with atproto alone, and the session can be ended at once', async () => {
    const session = await signIn(createClient('atproto'))
    expect(session.did).toBe(network.accounts.alice.did)
    const response = await session.fetchHandler('/xrpc/com.atproto.server.getSession')
    expect(await response.json()).not.toHaveProperty('email')
    await session.signOut()
    await expect(session.fetchHandler('/xrpc/com.atproto.server.getSession')).rejects.toMatchObject({
      name: expect.stringMatching(/^Token(Revoked|Invalid)Error$/),
    })
  })
})
