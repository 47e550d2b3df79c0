/** Who is mentioned in a post of the reference app, looked up by the library. */
import { expect, it } from 'vitest'
import { encodeFacet } from '../../../app/_data/facets.ts'
import { listPosts } from '../../../app/_data/posts.ts'
import { findFacets } from '../../../app/compose/facets.ts'
import { resolveMentions } from '../../../app/compose/mentions.ts'
import { createScriptedClient, signInWarm } from '../../support/protocol/scripted-client.ts'
import { alice, bob, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'

const RESOLVE = '/xrpc/com.atproto.identity.resolveHandle'

it('mentions those whose handle exists', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  const { facets, isComplete } = await findFacets('@alice.test, @nobody.test and @bob.test', client)
  expect(facets.map(({ feature }) => feature)).toEqual([
    { kind: 'mention', did: alice.did },
    { kind: 'mention', did: bob.did },
  ])
  expect(isComplete).toBe(true)
})

it('attack: a host that claims the account of another person for its name gets no mention of them', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  network.resolver.answer(RESOLVE, { json: { did: alice.did } })
  expect(await resolveMentions(['mallory.test'], client)).toEqual({ dids: new Map(), isComplete: true })
})

it('goes on without mentions when no directory or resolver answers, and says that some are missing', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  network.plc.answer('*', { status: 503, body: '' })
  expect(await resolveMentions([alice.handle], client)).toEqual({ dids: new Map(), isComplete: false })
  network.resolver.answer('*', { status: 503, body: '' })
  expect(await resolveMentions([bob.handle], client)).toEqual({ dids: new Map(), isComplete: false })
})

it('waits no longer than its signal for a resolver that never answers', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  const deadline = new AbortController()
  const { promise: late, resolve: answer } = Promise.withResolvers<void>()
  network.resolver.answer(RESOLVE, async () => {
    deadline.abort(new DOMException('Time is up.', 'TimeoutError'))
    await late
    return { json: { did: alice.did } }
  })
  const mentioned = await resolveMentions([alice.handle], client, deadline.signal)
  expect(mentioned).toEqual({ dids: new Map(), isComplete: false })
  answer()
})

it('reads from a record what it has written, and nothing from facets that are none', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  const { facets } = await findFacets(
    '🫖 @alice.test #tea https://example.com',
    createScriptedClient(network),
  )
  expect(facets).toHaveLength(3)
  const record = (value: object) => ({ uri: 'at://x/app.bsky.feed.post/a', value: { text: 'Tea', ...value } })
  const records = [{ facets: facets.map(encodeFacet) }, { facets: 'none' }, { facets: [null] }, {}].map(
    record,
  )
  network.home.pds.answer('/xrpc/com.atproto.repo.listRecords', { json: { records } })
  const posts = await listPosts(session)
  expect(posts.ok && posts.value.map((post) => post.facets)).toEqual([facets, [], [], []])
})
