/** PDS and AppView of the network that applications test with: what they play, and that they are as strict as servers are. */
import { dpopPostForm, generatePrivateJwk, jwkToKey, ScopeMissingError } from 'next-atproto-auth/oauth'
import { describe, expect, it } from 'vitest'
import {
  connectTestNetwork,
  createTestNetwork,
  signedInSession,
  testDid,
} from '../../../lib/testing/index.ts'
import {
  APP_VIEW,
  alice,
  create,
  POST,
  scope,
  signIn,
  text,
  write,
} from '../../support/protocol/test-network-client.ts'

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

  it('a proof that is none, without keeping the caller waiting', async () => {
    await using network = await createTestNetwork()
    const headers = { authorization: 'DPoP token', dpop: 'nothing.like.a-proof' }
    const answer = await fetch(`${network.origin}/xrpc/com.atproto.server.getSession`, {
      headers,
      signal: AbortSignal.timeout(5_000),
    })
    expect([answer.status, await answer.json()]).toMatchObject([401, { error: 'invalid_dpop_proof' }])
  })

  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
    'a method that only JavaScript knows: %s',
    async (name) => {
      await using network = await createTestNetwork()
      expect((await fetch(`${network.origin}/xrpc/${name}`)).status).toBe(401)
    },
  )

  it('to give an answer that HTTP does not have, which would end the process at the call', async () => {
    await using network = await createTestNetwork()
    const method = 'com.atproto.server.describeServer'
    for (const status of [9_999, 99, 200.5, Number.NaN])
      await expect(connectTestNetwork(network.origin).answer(method, {}, status)).rejects.toThrow(/status/)
    expect((await fetch(`${network.origin}/xrpc/${method}`)).status).toBe(200)
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

  it.each(['constructor', 'toString', '__proto__', '__lookupGetter__', 'hasOwnProperty', 'nothing'])(
    'to do what only JavaScript knows: %s',
    async (name) => {
      await using network = await createTestNetwork()
      const init = { method: 'POST', headers: { 'content-type': 'application/json' } }
      const body = JSON.stringify({ name, args: [] })
      const answer = await fetch(`${network.origin}/_test/control`, { ...init, body })
      expect([answer.status, await answer.json()]).toEqual([404, { error: `There is no ${name}.` }])
    },
  )
})
