/** The network that applications test with: what it plays, and that it is as strict as a server is. */
import {
  buildClientMetadata,
  createKeyset,
  dpopPostForm,
  generatePrivateJwk,
  jwkToKey,
  OAuthClient,
  ScopeMissingError,
} from 'next-atproto-auth/oauth'
import { describe, expect, it } from 'vitest'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import {
  connectTestNetwork,
  createTestNetwork,
  signedInSession,
  type TestNetwork,
  testDid,
} from '../../../lib/testing/index.ts'
import { SECRET } from '../../support/client.ts'

const alice = testDid('alice.test')
const POST = 'app.bsky.feed.post'
const APP_VIEW = 'did:web:api.bsky.app#bsky_appview'
const scope = `atproto repo:${POST} blob:image/* rpc:*?aud=${APP_VIEW.replace('#', '%23')}`

function createClient(
  { localNetwork }: TestNetwork,
  options: { keyset?: ReturnType<typeof createKeyset> } = {},
) {
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
async function signIn(network: TestNetwork, client = createClient(network)) {
  const { url } = await client.start('alice.test')
  const back = new URL(await network.approve(url))
  return (await client.callback(back.searchParams)).session
}

const text = (words: string, createdAt = '2026-01-01T00:00:00.000Z') => ({ text: words, createdAt })
const write = (words: string) => ({ body: { repo: alice, collection: POST, record: text(words) } })
const create = 'com.atproto.repo.createRecord'

describe('a sign-in', () => {
  it('is that of the account it began with', async () => {
    await using network = await createTestNetwork()
    const session = await signIn(network)
    expect(session.did).toBe(alice)
    expect(session.pds).toBe(network.origin)
    expect((await session.get('com.atproto.server.getSession')).data).toMatchObject({ handle: 'alice.test' })
    expect(await session.getHandle()).toBe('alice.test')
  })

  it('ends in access_denied when the person denies', async () => {
    await using network = await createTestNetwork()
    const client = createClient(network)
    const back = new URL(await network.deny((await client.start('alice.test')).url))
    await expect(client.callback(back.searchParams)).rejects.toMatchObject({ code: 'access_denied' })
  })

  it('works for a confidential client whose keys the network knows, and for no other key', async () => {
    const [known, other] = [await generatePrivateJwk(), await generatePrivateJwk()]
    const keyset = createKeyset([{ ...known, kid: 'a' }])
    await using network = await createTestNetwork({ jwks: { keys: [...keyset.publicJwks.keys] } })
    expect((await signIn(network, createClient(network, { keyset }))).did).toBe(alice)
    const stranger = createClient(network, { keyset: createKeyset([{ ...other, kid: 'a' }]) })
    await expect(stranger.start('alice.test')).rejects.toMatchObject({ code: 'oauth_error' })
  })

  it('has a code that works once, and only with the verifier that belongs to it', async () => {
    await using network = await createTestNetwork()
    const client = createClient(network)
    const { url } = await client.start('alice.test')
    const back = new URL(await network.approve(url)).searchParams
    const other = new URL(await network.approve((await client.start('alice.test')).url)).searchParams
    const mixed = new URLSearchParams(back)
    mixed.set('code', other.get('code') ?? '')
    await expect(client.callback(mixed)).rejects.toMatchObject({ code: 'authorization_failed' })
  })

  it('cannot begin with an account that the network does not have', async () => {
    await using network = await createTestNetwork({ accounts: ['carol.test'] })
    await expect(createClient(network).start('alice.test')).rejects.toMatchObject({
      code: 'identity_not_found',
    })
  })
})

describe('the consent page', () => {
  const formOf = (decision: string) => ({
    method: 'POST',
    redirect: 'manual' as const,
    body: new URLSearchParams({ decision, account: testDid('bob.test') }),
  })

  it('names what is asked for and offers Approve and Deny', async () => {
    await using network = await createTestNetwork()
    const { url } = await createClient(network).start('alice.test')
    const page = await (await fetch(url)).text()
    for (const words of ['alice.test', `<code>repo:${POST}</code>`, '>Approve</button>', '>Deny</button>'])
      expect(page).toContain(words)
  })

  it('sends the browser back with what the person decided', async () => {
    await using network = await createTestNetwork()
    const client = createClient(network)
    const { url } = await client.start(network.origin)
    const denied = await fetch(url, formOf('deny'))
    expect(denied.headers.get('location')).toContain('error=access_denied')
    const approved = await fetch(url, formOf('approve'))
    const { searchParams } = new URL(approved.headers.get('location') ?? '')
    expect((await client.callback(searchParams)).session.did).toBe(testDid('bob.test'))
  })

  it('answers at once if a test has said how', async () => {
    await using network = await createTestNetwork()
    const { url } = await createClient(network).start('alice.test')
    await network.setFaults({ consent: 'approve' })
    expect((await fetch(url, { redirect: 'manual' })).headers.get('location')).toContain('code=')
    await network.setFaults({ consent: 'deny' })
    expect((await fetch(url, { redirect: 'manual' })).headers.get('location')).toContain('access_denied')
  })

  it('refuses a sign-in that it does not know', async () => {
    await using network = await createTestNetwork()
    const answer = await fetch(`${network.origin}/oauth/authorize?request_uri=x`)
    expect(answer.status).toBe(400)
    expect(await answer.text()).toContain('This sign-in is unknown here.')
  })
})

describe('records', () => {
  it('are written, read, listed, replaced and deleted', async () => {
    await using network = await createTestNetwork()
    const session = await signIn(network)
    const { data } = await session.post<{ uri: string }>(create, write('Hello'))
    await session.post(create, write('Again'))
    const rkey = data.uri.split('/').at(-1) ?? ''
    const at = { repo: alice, collection: POST, rkey }
    await session.post('com.atproto.repo.putRecord', { body: { ...at, record: text('Changed') } })
    const got = await session.get('com.atproto.repo.getRecord', { params: at })
    expect(got.data).toMatchObject({ uri: data.uri, value: { $type: POST, text: 'Changed' } })
    const list = await session.get('com.atproto.repo.listRecords', {
      params: { repo: alice, collection: POST },
    })
    expect(list.data).toMatchObject({
      records: [{ value: { text: 'Again' } }, { value: { text: 'Changed' } }],
    })
    await session.post('com.atproto.repo.deleteRecord', { body: at })
    expect((await network.records('alice.test', POST)).map(({ value }) => value.text)).toEqual(['Again'])
    expect(
      (await session.get('com.atproto.repo.describeRepo', { params: { repo: alice } })).data,
    ).toMatchObject({
      handle: 'alice.test',
      collections: [POST],
    })
  })

  it('belong to the account of the session alone', async () => {
    await using network = await createTestNetwork()
    const session = await signIn(network)
    const body = { repo: testDid('bob.test'), collection: POST, record: text('Not mine') }
    await expect(session.post(create, { body })).rejects.toMatchObject({ status: 403, error: 'Forbidden' })
  })

  it('need a body as the lexicon has it', async () => {
    await using network = await createTestNetwork()
    const session = await signIn(network)
    const body = { repo: alice, collection: POST }
    await expect(session.post(create, { body })).rejects.toMatchObject({
      status: 400,
      error: 'InvalidRequest',
    })
  })

  it('hold blobs, which anybody can get', async () => {
    await using network = await createTestNetwork()
    const session = await signIn(network)
    const png = new Uint8Array([137, 80, 78, 71])
    const { data } = await session.post<{ blob: { ref: { $link: string } } }>('com.atproto.repo.uploadBlob', {
      body: png,
      encoding: 'image/png',
    })
    const answer = await fetch(session.blobUrl(data.blob.ref.$link))
    expect(answer.headers.get('content-type')).toBe('image/png')
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(png)
  })
})

describe('the AppView', () => {
  it('has the profiles, the timeline of all, and the feed of one', async () => {
    await using network = await createTestNetwork()
    await network.createRecord('bob.test', POST, text('Older', '2025-01-01T00:00:00.000Z'))
    await network.createRecord('alice.test', POST, text('Newer'))
    const appView = (await signIn(network)).withProxy(APP_VIEW)
    const profile = await appView.get('app.bsky.actor.getProfile', { params: { actor: 'bob.test' } })
    expect(profile.data).toMatchObject({ did: testDid('bob.test'), displayName: 'bob', postsCount: 1 })
    const timeline = await appView.get('app.bsky.feed.getTimeline')
    expect(timeline.data).toMatchObject({
      feed: [{ post: { record: { text: 'Newer' } } }, { post: { author: { handle: 'bob.test' } } }],
    })
    const feed = await appView.get('app.bsky.feed.getAuthorFeed', { params: { actor: alice } })
    expect(feed.data).toMatchObject({ feed: [{ post: { author: { did: alice } } }] })
  })

  it('answers other methods as a test has said, and names those that it does not play', async () => {
    await using network = await createTestNetwork()
    const appView = (await signIn(network)).withProxy(APP_VIEW)
    const method = 'app.bsky.feed.searchPosts'
    await expect(appView.get(method)).rejects.toMatchObject({ status: 501, error: 'MethodNotImplemented' })
    await network.answer(method, { posts: [] })
    expect((await appView.get(method)).data).toEqual({ posts: [] })
  })
})

describe('the network is as strict as a server: it refuses', () => {
  it('a call that the scope does not allow', async () => {
    await using network = await createTestNetwork()
    const session = await signedInSession({ network, did: alice, scope: 'atproto' })
    const error = await session.post(create, write('No')).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ScopeMissingError)
    expect(error).toMatchObject({ missingScope: `repo:${POST}?action=create` })
    await expect(session.withProxy(APP_VIEW).get('app.bsky.feed.getTimeline')).rejects.toMatchObject({
      code: 'scope_missing',
    })
  })

  it('a token without its proof', async () => {
    await using network = await createTestNetwork()
    const session = await signIn(network)
    const { accessToken } = await network.issueTokens({ did: alice, scope, clientId: 'x', jkt: 'y' })
    const path = `${session.pds}/xrpc/com.atproto.server.getSession`
    const headers = { authorization: `DPoP ${accessToken}` }
    expect((await fetch(path, { headers })).status).toBe(401)
    expect((await fetch(path)).status).toBe(401)
  })

  it('what the id of a loopback client does not declare', async () => {
    await using network = await createTestNetwork()
    const key = await jwkToKey(await generatePrivateJwk())
    const redirect = 'http://127.0.0.1:3000/cb'
    const form = {
      client_id: `http://localhost?${new URLSearchParams({ redirect_uri: redirect, scope: 'atproto' })}`,
      redirect_uri: redirect,
      scope: 'atproto',
    }
    const push = async (changes: Readonly<Record<string, string>>) => {
      const url = `${network.origin}/oauth/par`
      return dpopPostForm({ url, key, form: { ...form, ...changes }, localNetwork: {} })
    }
    expect((await push({})).status).toBe(201)
    expect(await push({ scope: 'atproto transition:generic' })).toMatchObject({
      status: 400,
      json: { error: 'invalid_scope' },
    })
    expect(await push({ redirect_uri: 'http://127.0.0.1:3000/other' })).toMatchObject({
      status: 400,
      json: { error: 'invalid_request' },
    })
  })

  it('to be told what to do by a page in a browser', async () => {
    await using network = await createTestNetwork()
    const init = { method: 'POST', body: JSON.stringify({ name: 'reset', args: [] }) }
    const control = `${network.origin}/_test/control`
    const json = { 'content-type': 'application/json' }
    for (const headers of [
      {},
      { ...json, origin: 'https://evil.dev' },
      { ...json, 'sec-fetch-site': 'none' },
    ])
      expect((await fetch(control, { ...init, headers })).status).toBe(403)
  })
})

describe('another process', () => {
  it('uses the network by its address', async () => {
    await using network = await createTestNetwork()
    const remote = connectTestNetwork(network.origin)
    expect(remote.localNetwork).toEqual(network.localNetwork)
    await remote.addAccount({ handle: 'carol.test', displayName: 'Carol' })
    expect(await network.account('carol.test')).toEqual({
      did: testDid('carol.test'),
      handle: 'carol.test',
      displayName: 'Carol',
    })
    const session = await signIn(remote)
    await session.post(create, write('Far away'))
    expect(await remote.records('alice.test', POST)).toMatchObject([{ value: { text: 'Far away' } }])
    expect(await remote.requests(create)).toMatchObject([{ json: { collection: POST } }])
    await expect(remote.account('nobody.test')).rejects.toThrow(/no account nobody\.test/)
  })

  it('is told when no network is there', async () => {
    const network = await createTestNetwork()
    await network.stop()
    await expect(connectTestNetwork(network.origin).reset()).rejects.toThrow(/There is no test network at/)
  })
})

it('another program on the port is named', async () => {
  await using network = await createTestNetwork()
  const port = Number(new URL(network.origin).port)
  await expect(createTestNetwork({ port })).rejects.toMatchObject({ name: 'PortTakenError', port })
})
