/** A client of the network that applications test with, and a sign-in there. */
import { buildClientMetadata, type Keyset, OAuthClient } from 'next-atproto-auth/oauth'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { type TestNetwork, testDid } from '../../../lib/testing/index.ts'
import { SECRET } from '../client.ts'

export const alice = testDid('alice.test')
export const POST = 'app.bsky.feed.post'
export const APP_VIEW = 'did:web:api.bsky.app#bsky_appview'
export const scope = `atproto repo:${POST} blob:image/* rpc:*?aud=${APP_VIEW.replace('#', '%23')}`

export function createClient({ localNetwork }: TestNetwork, options: { keyset?: Keyset } = {}) {
  return new OAuthClient({
    clientMetadata: buildClientMetadata({
      publicUrl: options.keyset ? 'https://app.demo.internal' : 'http://127.0.0.1:3000',
      scope,
      metadataPath: '/oauth-client-metadata.json',
      jwksPath: '/oauth/jwks.json',
      callbackPath: '/oauth/callback',
    }),
    store: createMemoryStore(),
    secrets: [SECRET],
    localNetwork,
    ...options,
  })
}

/** A sign-in that is approved without a browser. */
export async function signIn(network: TestNetwork, client = createClient(network)) {
  const { url } = await client.start('alice.test')
  const back = new URL(await network.approve(url))
  return (await client.callback(back.searchParams)).session
}

export const text = (words: string, createdAt = '2026-01-01T00:00:00.000Z') => ({ text: words, createdAt })
export const write = (words: string) => ({ body: { repo: alice, collection: POST, record: text(words) } })
export const create = 'com.atproto.repo.createRecord'
