/** XRPC by the session itself, on real PDSes: results, refusals, blobs, streams, services behind the PDS. */

import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { AtprotoAuthError, type OAuthSession, ScopeMissingError, XrpcError } from 'next-atproto-auth/oauth'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createScopedClient, createTestClient, signIn } from '../support/client.ts'
import { drawAvatar } from '../support/network/avatar.ts'
import { countRequests, rotateNonces } from '../support/network/hooks.ts'
import { closeServer, listenOnLoopback, portOf } from '../support/network/loopback-server.ts'
import { type LocalNetwork, startNetwork } from '../support/network/network.ts'

const POST = 'app.bsky.feed.post'
const UPLOAD = '/xrpc/com.atproto.repo.uploadBlob'
interface Created {
  readonly uri: string
}
interface Uploaded {
  readonly blob: {
    readonly ref: { readonly $link: string }
    readonly mimeType: string
    readonly size: number
  }
}

let network: LocalNetwork
let session: OAuthSession
beforeAll(async () => {
  network = await startNetwork()
  const scope = `atproto repo:${POST} blob:*/* rpc:app.bsky.video.uploadVideo?aud=did:web:video.example.com%23video`
  session = await signIn(createScopedClient(network, scope), network.accounts.alice)
})
beforeEach(() => network.pds[0].requests.clear())
afterAll(() => network.stop())

const postOf = (text: string) => ({
  repo: session.did,
  collection: POST,
  record: { $type: POST, text, createdAt: new Date().toISOString() },
})
/** A stream of that many bytes, in pieces. */
function streamOf(bytes: number): ReadableStream<Uint8Array> {
  return new Blob([new Uint8Array(bytes).fill(7)]).stream()
}

describe('get and post', () => {
  it('write a record and read it back', async () => {
    const { data } = await session.post<Created>('com.atproto.repo.createRecord', { body: postOf('hello') })
    const rkey = data.uri.split('/').at(-1)
    const params = { repo: session.did, collection: POST, rkey }
    const read = await session.get<{ value: { text: string } }>('com.atproto.repo.getRecord', { params })
    expect(read.data.value.text).toBe('hello')
    expect(read.headers.get('content-type')).toMatch('application/json')
  })

  it('upload bytes whose blobUrl everybody can read', async () => {
    const png = drawAvatar(64)
    const { data } = await session.post<Uploaded>('com.atproto.repo.uploadBlob', {
      body: png,
      encoding: 'image/png',
    })
    expect(data.blob).toMatchObject({ mimeType: 'image/png', size: png.byteLength })
    const embed = { $type: 'app.bsky.embed.images', images: [{ alt: '', image: data.blob }] }
    const post = postOf('with a picture')
    await session.post('com.atproto.repo.createRecord', {
      body: { ...post, record: { ...post.record, embed } },
    })
    const response = await fetch(session.blobUrl(data.blob.ref.$link))
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array(png))
  })

  it('throw the error that the PDS names', async () => {
    const params = { repo: session.did, collection: POST, rkey: 'none' }
    const error = await session
      .get('com.atproto.repo.getRecord', { params })
      .catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(XrpcError)
    expect(error).toMatchObject({ status: 400, error: 'RecordNotFound' })
  })

  it('RS-3 say which scope is missing and what to ask for; a sign-in that asks for it helps', async () => {
    const { bob } = network.accounts
    const [update, create] = [`repo:${POST}?action=update`, `repo:${POST}?action=create`]
    const client = createScopedClient(network, `atproto ${update} ${create}`)
    const limited = await signIn(client, bob, { scope: `atproto ${update}` })
    const body = { ...postOf('x'), repo: bob.did }
    const error = await limited
      .post('com.atproto.repo.createRecord', { body })
      .catch((reason: unknown) => reason)
    if (!(error instanceof ScopeMissingError)) throw error
    expect(error).toMatchObject({ status: 403, code: 'scope_missing', missingScope: create })
    expect(limited.can(create)).toBe(false)
    const wider = await signIn(client, bob, { scope: error.askFor })
    expect(wider.can(`repo:${POST}?action=create&action=update`)).toBe(true)
    await wider.post('com.atproto.repo.createRecord', { body })
  })
})

describe('a stream', () => {
  it('O11 of 3 MB goes to a PDS of unknown nonce once', async () => {
    const fresh = await signIn(createScopedClient(network, 'atproto blob:*/*'), network.accounts.alice)
    rotateNonces(network.pds[0])
    const { data } = await fresh.post<Uploaded>('com.atproto.repo.uploadBlob', { body: streamOf(3_000_000) })
    expect(data.blob.size).toBe(3_000_000)
    expect(countRequests(network.pds[0], { path: UPLOAD })).toBe(1)
  })

  it('O11 R7 that meets a new nonce is told to be sent again, and works then', async () => {
    await session.get('com.atproto.server.getSession')
    rotateNonces(network.pds[0])
    const upload = () => session.post<Uploaded>('com.atproto.repo.uploadBlob', { body: streamOf(3_000_000) })
    const error = await upload().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(AtprotoAuthError)
    expect(error).toMatchObject({ code: 'retry_needed', retryable: true })
    expect((await upload()).data.blob.size).toBe(3_000_000)
    expect(countRequests(network.pds[0], { path: UPLOAD, status: 200 })).toBe(1)
  })

  it('DP-12 a large Blob is sent again by itself', async () => {
    await session.get('com.atproto.server.getSession')
    rotateNonces(network.pds[0])
    const body = new Blob([new Uint8Array(3_000_000)], { type: 'video/mp4' })
    const { data } = await session.post<Uploaded>('com.atproto.repo.uploadBlob', { body })
    expect(data.blob.size).toBe(3_000_000)
    expect(countRequests(network.pds[0], { path: UPLOAD, status: 200 })).toBe(1)
  })
})

describe('a service behind the PDS', () => {
  it('gets the call that withProxy sends, with a token of the account, never with ours', async () => {
    const seen: { url: string | undefined; authorization: string | undefined }[] = []
    const service = await listenOnLoopback(0, createServer())
    const did = `did:web:localhost%3A${portOf(service)}`
    service.on('request', (request, response) => {
      response.setHeader('content-type', 'application/json')
      const endpoint = `http://localhost:${portOf(service)}`
      const entry = { id: '#svc', type: 'TestService', serviceEndpoint: endpoint }
      if (request.url === '/.well-known/did.json')
        return response.end(JSON.stringify({ id: did, service: [entry] }))
      seen.push({ url: request.url, authorization: request.headers.authorization })
      response.end('{"answer":42}')
    })
    const wide = await signIn(
      createScopedClient(network, 'atproto transition:generic'),
      network.accounts.alice,
    )
    const { data } = await wide.withProxy(`${did}#svc`).get('com.example.ask', { params: { q: 'x' } })
    await closeServer(service)
    expect(data).toEqual({ answer: 42 })
    expect(seen).toEqual([
      { url: '/xrpc/com.example.ask?q=x', authorization: expect.stringMatching(/^Bearer ey/) },
    ])
    expect(claimsOf(seen[0]?.authorization ?? '')).toMatchObject({ iss: session.did, lxm: 'com.example.ask' })
  })

  it('takes a token of getServiceAuth for its method', async () => {
    const [aud, lxm] = ['did:web:video.example.com#video', 'app.bsky.video.uploadVideo']
    const exp = Math.floor(Date.now() / 1000) + 1_800
    const token = await session.getServiceAuth({ aud, lxm, exp })
    expect(claimsOf(token)).toMatchObject({ iss: session.did, aud, lxm, exp })
    const error = await session
      .getServiceAuth({ aud, lxm: 'app.bsky.video.other' })
      .catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ScopeMissingError)
  })
})

describe('a session', () => {
  it('tells handle, token info and scope', async () => {
    const { alice } = network.accounts
    const own = await signIn(createTestClient(network), alice)
    expect(await own.getHandle()).toBe(alice.handle)
    const info = await own.getTokenInfo()
    expect(info).toMatchObject({ sub: alice.did, iss: alice.pdsUrl, aud: alice.pdsUrl, expired: false })
    // A server tells lifetimes in whole seconds.
    await sleep(2_000)
    await own.refresh()
    expect((await own.getTokenInfo(false)).expiresAt?.getTime()).toBeGreaterThan(
      info.expiresAt?.getTime() ?? 0,
    )
  })
})

/** What a JWT says, not verified. */
function claimsOf(token: string): unknown {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
}
