/** Which problem a page of the reference app explains for each way in which a PDS fails to answer as asked. */
import { expect, it } from 'vitest'
import { fetchPicture } from '../../../app/_data/blob.ts'
import { createPost, deletePost, listPosts, readPost } from '../../../app/_data/posts.ts'
import { readProfileRecord } from '../../../app/_data/profile.ts'
import { readTimeline } from '../../../app/_data/timeline.ts'
import { uploadPicture } from '../../../app/_data/upload-pictures.ts'
import { StoreUnavailableError } from '../../../lib/errors.ts'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { drawAvatar } from '../../support/network/avatar.ts'
import { signInWarm } from '../../support/protocol/scripted-client.ts'
import { startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import type { Answer } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'

const APP_VIEW = 'did:web:api.example.com#appview'
const LIST = '/xrpc/com.atproto.repo.listRecords'
const json = { 'content-type': 'application/json' }
const refusal = (status: number, error: string): Answer => ({ status, json: { error, message: 'No.' } })

/** What `listPosts` gives when the PDS answers so. */
async function problemOf(answer: Answer) {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.home.pds.answer(LIST, answer)
  const posts = await listPosts(session)
  return posts.ok ? undefined : posts.problem
}

it.each<[string, Answer]>([
  ['a connection that breaks', { drop: true }],
  ['a page of a proxy', { headers: { 'content-type': 'text/html' }, body: '<html>' }],
  ['a page of a proxy that fails', { status: 502, headers: { 'content-type': 'text/html' }, body: '<html>' }],
  ['malformed JSON', { headers: json, body: '{"records":[' }],
  ['no body', {}],
  ['another shape', { json: { records: 'none' } }],
  ['more than two megabytes', { json: { records: [], padding: 'x'.repeat(2 * 1024 * 1024) } }],
  ['a rate limit', refusal(429, 'RateLimitExceeded')],
  ['an error of the server', refusal(500, 'InternalServerError')],
])('calls the server unavailable for %s', async (_, answer) => {
  expect(await problemOf(answer)).toBe('unavailable')
})

it.each<[string, Answer]>([
  ['not_supported', refusal(501, 'MethodNotImplemented')],
  ['not_supported', refusal(400, 'MethodNotImplemented')],
  ['not_supported', { status: 501 }],
  ['scope_missing', refusal(403, 'ScopeMissingError')],
  ['not_found', refusal(400, 'RecordNotFound')],
  ['refused', refusal(400, 'InvalidRequest')],
  ['refused', { status: 302, headers: { location: '/' } }],
  ['refused', { status: 404, headers: { 'content-type': 'text/html' }, body: '<html>' }],
])('says %s for what the server answered', async (problem, answer) => {
  expect(await problemOf(answer)).toBe(problem)
})

it('says that the session has ended when the authorization server has revoked it', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.home.as.answer('/oauth/token', { status: 400, json: { error: 'invalid_grant' } })
  network.advance(3_600_000)
  expect(await listPosts(session)).toEqual({ ok: false, problem: 'session_ended' })
})

it('leaves a failing store to the error page: it is a fault of this app', async () => {
  await using network = await startScriptedNetwork()
  const store = createMemoryStore({ now: network.now })
  const { session } = await signInWarm(network, { store })
  network.advance(3_600_000)
  store.lease = () => Promise.reject(new StoreUnavailableError('down'))
  expect(await refusalOf(listPosts(session))).toMatchObject({ code: 'store_unavailable' })
})

it('asks for a record: a post, none of that key, and a record that is no post', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  const record = '/xrpc/com.atproto.repo.getRecord'
  const uri = `at://${session.did}/app.bsky.feed.post/a`
  network.home.pds.answer(record, { json: { uri, value: { text: 'hello' } } })
  expect(await readPost(session, 'a')).toMatchObject({ ok: true, value: { rkey: 'a', text: 'hello' } })
  network.home.pds.answer(record, { json: { uri, value: {} } })
  expect(await readPost(session, 'a')).toEqual({ ok: false, problem: 'not_found' })
  network.home.pds.answer(record, refusal(400, 'RecordNotFound'))
  expect(await readPost(session, 'a')).toEqual({ ok: false, problem: 'not_found' })
  const none = { ok: true, value: { displayName: undefined, avatar: undefined } }
  expect(await readProfileRecord(session)).toEqual(none)
  expect(new URL(network.sent(record).at(-1)?.target ?? '', 'https://x').searchParams.get('rkey')).toBe(
    'self',
  )
})

it('writes a post and removes it, and believes no page of a proxy that it was done', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  const create = '/xrpc/com.atproto.repo.createRecord'
  const remove = '/xrpc/com.atproto.repo.deleteRecord'
  const post = { text: 'hello', facets: [], pictures: [], createdAt: new Date(0) }
  network.home.pds.answer(create, { json: { uri: 'at://x/y/z' } })
  expect(await createPost(session, post)).toMatchObject({ ok: true })
  const [sent] = network.sent(create)
  expect(sent?.headers['content-type']).toBe('application/json')
  const record = { text: 'hello', createdAt: new Date(0).toISOString() }
  expect(JSON.parse(String(sent?.body))).toMatchObject({ collection: 'app.bsky.feed.post', record })
  network.home.pds.answer(remove, { json: {} })
  expect(await deletePost(session, 'a')).toMatchObject({ ok: true })
  for (const answer of [
    { headers: { 'content-type': 'text/html' }, body: '<html>' },
    {},
  ] satisfies Answer[]) {
    network.home.pds.answer(create, answer)
    network.home.pds.answer(remove, answer)
    expect(await createPost(session, post)).toEqual({ ok: false, problem: 'unavailable' })
    expect(await deletePost(session, 'a')).toEqual({ ok: false, problem: 'unavailable' })
  }
})

it('uploads a picture with the type that its bytes show', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  const upload = '/xrpc/com.atproto.repo.uploadBlob'
  const blob = { ref: { $link: 'bafkreiabc' }, mimeType: 'image/png', size: 1 }
  network.home.pds.answer(upload, { json: { blob } })
  const png = new Uint8Array(drawAvatar(8))
  expect(await uploadPicture(session, png, 'a.jpg')).toMatchObject({
    ok: true,
    picture: { cid: 'bafkreiabc', mimeType: 'image/png', size: png.length, width: 8, height: 8 },
  })
  const [sent] = network.sent(upload)
  expect(sent?.headers['content-type']).toBe('image/png')
  expect(sent?.body.equals(png)).toBe(true)
  network.home.pds.answer(upload, refusal(403, 'ScopeMissingError'))
  expect(await uploadPicture(session, png, 'a.jpg')).toMatchObject({ ok: false })
})

it('asks for the timeline through the PDS, with the cursor if there is one', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  const timeline = '/xrpc/app.bsky.feed.getTimeline'
  network.home.pds.answer(timeline, { json: { feed: [], cursor: 'next' } })
  expect(await readTimeline(session, APP_VIEW, undefined)).toEqual({
    ok: true,
    value: { posts: [], cursor: 'next' },
  })
  await readTimeline(session, APP_VIEW, 'a&b')
  const sent = network.sent(timeline)
  expect(sent.map(({ target }) => target.split('?')[1])).toEqual(['limit=30', 'limit=30&cursor=a%26b'])
  expect(sent.map(({ headers }) => headers['atproto-proxy'])).toEqual([APP_VIEW, APP_VIEW])
  network.home.pds.answer(timeline, refusal(403, 'ScopeMissingError'))
  expect(await readTimeline(session, APP_VIEW, undefined)).toEqual({ ok: false, problem: 'scope_missing' })
})

it.each<[string, Answer, object]>([
  ['a picture', { headers: { 'content-type': 'image/png' }, body: 'png' }, { ok: true }],
  ['a page', { headers: { 'content-type': 'text/html' }, body: '<html>' }, { problem: 'not_found' }],
  [
    'a picture that can hold scripts',
    { headers: { 'content-type': 'image/svg+xml' } },
    { problem: 'not_found' },
  ],
  ['no such picture', refusal(400, 'BlobNotFound'), { problem: 'not_found' }],
  ['an error of the server', refusal(500, 'InternalServerError'), { problem: 'unavailable' }],
  ['a connection that breaks', { drop: true }, { problem: 'unavailable' }],
])('a picture: what comes of %s', async (_, answer, expected) => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.home.pds.answer('/xrpc/com.atproto.sync.getBlob', answer)
  const picture = await fetchPicture(session, { cid: 'bafkreiabc', mimeType: 'image/png' })
  expect(picture).toMatchObject(expected)
  if (picture.ok) expect(await new Response(picture.value.body).text()).toBe('png')
  expect(await fetchPicture(session, undefined)).toEqual({ ok: false, problem: 'not_found' })
})
