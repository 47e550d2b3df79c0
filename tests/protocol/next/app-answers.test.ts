/** What the reference app makes of a PDS or an AppView that answers too much, or with words that mean something to JavaScript. */
import { expect, it } from 'vitest'
import { listPosts } from '../../../app/_data/posts.ts'
import { readProfile } from '../../../app/_data/profile.ts'
import { readTimeline } from '../../../app/_data/timeline.ts'
import { signInWarm } from '../../support/protocol/scripted-client.ts'
import { alice, bob, didDocument, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'

const APP_VIEW = 'did:web:api.example.com#appview'
const TIMELINE = '/xrpc/app.bsky.feed.getTimeline'
const picture = { thumb: 'https://cdn.example.com/a.jpg', alt: '' }

const entry = (labels: readonly string[], images: readonly object[] = [picture]) => ({
  post: {
    uri: 'at://did:web:a.example.com/app.bsky.feed.post/1',
    author: { handle: 'a.example.com' },
    record: { text: 'hello' },
    embed: { $type: 'app.bsky.embed.images#view', images },
    labels: labels.map((val) => ({ val })),
  },
})

async function timelineOf(feed: readonly object[]) {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.home.pds.answer(TIMELINE, { json: { feed } })
  const answer = await readTimeline(session, APP_VIEW, undefined)
  return answer.ok ? answer.value.posts : []
}

it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
  'a post labelled %s by its author breaks no timeline',
  async (label) => {
    const [post] = await timelineOf([entry([label])])
    expect(post).toMatchObject({ text: 'hello' })
    expect(post?.warning).toBeUndefined()
  },
)

it('shows the warning of a label that everybody agrees about, whatever stands before it', async () => {
  const [post] = await timelineOf([entry(['constructor', 'nudity'])])
  expect(post?.warning).toBe('Nudity')
})

it('takes one page of a timeline that is longer than what was asked for, and four pictures of a post', async () => {
  const posts = await timelineOf(Array.from({ length: 500 }, () => entry([], Array(50).fill(picture))))
  expect(posts).toHaveLength(30)
  expect(posts[0]?.pictures).toHaveLength(4)
})

it('takes twenty of the posts with which a PDS floods the home page', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  const records = Array.from({ length: 5_000 }, (_, at) => ({
    uri: `at://${session.did}/app.bsky.feed.post/${at}`,
    value: { text: '' },
  }))
  network.home.pds.answer('/xrpc/com.atproto.repo.listRecords', { json: { records } })
  const answer = await listPosts(session)
  expect(answer.ok && answer.value).toHaveLength(20)
})

it('shows nobody by the handle of another person, which a PDS of their own vouches for', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  const { pds } = network.home
  const repo = { handle: bob.handle, did: alice.did, handleIsCorrect: true }
  pds.answer('/xrpc/com.atproto.repo.describeRepo', { json: repo })
  pds.answer('/xrpc/com.atproto.repo.getRecord', { json: { value: {} } })
  network.plc.answer(`/${alice.did}`, { json: didDocument({ ...alice, handle: bob.handle }, pds.origin) })
  network.advance(10 * 60_000)
  expect(await readProfile(session)).toMatchObject({ ok: true, value: { handle: undefined } })
})
