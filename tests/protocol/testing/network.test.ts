/** The network that applications test with: sign-ins, its consent page, and tests in another process. */
import { createKeyset, generatePrivateJwk } from 'next-atproto-auth/oauth'
import { describe, expect, it } from 'vitest'
import { connectTestNetwork, createTestNetwork, testDid } from '../../../lib/testing/index.ts'
import {
  APP_VIEW,
  alice,
  create,
  createClient,
  POST,
  signIn,
  text,
  write,
} from '../../support/protocol/test-network-client.ts'

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

  it('is granted less when the person does not agree to all', async () => {
    await using network = await createTestNetwork()
    await network.setFaults({ withhold: ['blob:*/*'] })
    const session = await signIn(network)
    expect(session.can('blob:image/png')).toBe(false)
    expect(session.can(`repo:${POST}`)).toBe(true)
  })

  it('without a page goes through where the account has agreed before', async () => {
    await using network = await createTestNetwork()
    const client = createClient(network)
    const silently = async () => {
      const { url } = await client.start('alice.test', { prompt: 'none' })
      return (await fetch(url, { redirect: 'manual' })).headers.get('location')
    }
    expect(await silently()).toContain('error=login_required')
    await signIn(network, client)
    expect(await silently()).toContain('code=')
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

  it('has no icon, which a browser may ask for without an error in its console', async () => {
    await using network = await createTestNetwork()
    expect((await fetch(`${network.origin}/favicon.ico`)).status).toBe(204)
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
    expect((await remote.requests()).map(({ path }) => path)).toContain('/oauth/par')
    const { uri } = await remote.createRecord('alice.test', POST, text('By the test'))
    expect(uri).toMatch(/\/[2-7a-z]{13}$/)
    await remote.answer('app.bsky.feed.searchPosts', { posts: [] })
    const found = await session.withProxy(APP_VIEW).get('app.bsky.feed.searchPosts')
    expect(found).toMatchObject({ data: { posts: [] } })
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
