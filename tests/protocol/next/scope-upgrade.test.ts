/** `signInScope` and `requireSession({ scope })`: what a sign-in asks for, and what a page asks for besides. */
import { expect, it } from 'vitest'
import { createNextApp, navigation, ownLink, type Visitor } from '../../support/protocol/next-app.ts'
import {
  alice,
  bob,
  type ScriptedNetwork,
  startScriptedNetwork,
} from '../../support/protocol/scripted-network.ts'
import { alter } from '../../support/protocol/scripted-server.ts'
import { withoutReference } from '../../support/protocol/without-reference.ts'
import { refusalOf } from '../../support/refusal.ts'

const SCOPE = 'atproto repo:app.bsky.feed.post blob:image/* repo:app.bsky.graph.follow'
const SIGN_IN = 'atproto repo:app.bsky.feed.post'
const NEEDED = 'blob:image/png'

const askedScope = (network: ScriptedNetwork) => network.sent('/oauth/par').at(-1)?.form.get('scope')

function createApp(network: ScriptedNetwork) {
  return createNextApp(network, { scope: SCOPE, signInScope: SIGN_IN, signInPage: '/sign-in' })
}

const requireUpload = (visitor: Visitor) =>
  visitor.act((auth) => auth.requireSession({ returnTo: '/upload', scope: NEEDED }), { phase: 'render' })

/** Follows the page's redirect to the server, and back with the person's consent. */
async function upgrade(visitor: Visitor, network: ScriptedNetwork): Promise<string | null> {
  const { location = '' } = await requireUpload(visitor)
  const begun = await visitor.get(location, ownLink)
  const { pathname, search } = network.home.as.approve(
    new URL(begun.headers.get('location') ?? ''),
    alice.did,
  )
  return (await visitor.get(pathname + search)).headers.get('location')
}

it('a sign-in asks for signInScope, and the page that needs more for that besides', async () => {
  await using network = await startScriptedNetwork()
  const visitor = createApp(network).visit()
  await visitor.signIn(alice)
  expect(askedScope(network)).toBe(SIGN_IN)
  expect(await upgrade(visitor, network)).toBe('/upload')
  expect(askedScope(network)).toBe('atproto repo:app.bsky.feed.post blob:image/*')
  const { result } = await requireUpload(visitor)
  expect([result?.did, result?.can(NEEDED)]).toEqual([alice.did, true])
  // The session with less is over, here and at the server.
  expect(await visitor.run(async (auth) => (await auth.listAccounts()).length)).toBe(1)
})

it('what was granted before is asked for again, or it would be lost', async () => {
  await using network = await startScriptedNetwork()
  const visitor = createApp(network).visit()
  await visitor.signIn(alice)
  await upgrade(visitor, network)
  const wish = { scope: 'repo:app.bsky.graph.follow?action=create' }
  const { location } = await visitor.act((auth) => auth.requireSession(wish), { phase: 'render' })
  expect(new URL(location ?? '', 'http://x').searchParams.get('scope')).toBe(SCOPE)
})

it('a server that grants less again and again ends at the sign-in page, not in a loop of redirects', async () => {
  await using network = await startScriptedNetwork()
  const visitor = createApp(network).visit()
  await visitor.signIn(alice)
  network.home.as.answerOnce('/oauth/token', async (_, usual) => alter(await usual(), { scope: SIGN_IN }))
  const back = new URL((await upgrade(visitor, network)) ?? '', 'http://x')
  expect([back.pathname, Object.fromEntries(back.searchParams)]).toEqual([
    '/sign-in',
    {
      error: 'scope_missing',
      identifier: alice.did,
      returnTo: '/upload',
      scope: 'atproto repo:app.bsky.feed.post blob:image/*',
    },
  ])
  expect(await visitor.whoIsSignedIn()).toBe(alice.did)
})

it('a person who declines is still signed in, and may try again from the sign-in page', async () => {
  await using network = await startScriptedNetwork()
  const visitor = createApp(network).visit()
  await visitor.signIn(alice)
  const { location = '' } = await requireUpload(visitor)
  const begun = await visitor.get(location, ownLink)
  const refusal = network.home.as.fail(new URL(begun.headers.get('location') ?? ''), 'access_denied')
  const back = await visitor.get(refusal.pathname + refusal.search)
  const declined = withoutReference(back.headers.get('location')) ?? ''
  const { pathname, searchParams } = new URL(declined, 'http://x')
  expect([pathname, Object.fromEntries(searchParams)]).toEqual([
    '/sign-in',
    {
      error: 'scope_missing',
      identifier: alice.did,
      returnTo: '/upload',
      scope: 'atproto repo:app.bsky.feed.post blob:image/*',
    },
  ])
  expect(await visitor.whoIsSignedIn()).toBe(alice.did)
})

it('a person who declines and is not signed in, or with another account, is told that nothing was shared', async () => {
  await using network = await startScriptedNetwork()
  const app = createApp(network)
  for (const signedIn of [undefined, bob]) {
    const visitor = app.visit()
    if (signedIn) await visitor.signIn(signedIn)
    const begun = await visitor.post('/oauth/login', { identifier: alice.handle, scope: SCOPE })
    const refusal = network.home.as.fail(new URL(begun.headers.get('location') ?? ''), 'access_denied')
    const back = await visitor.get(refusal.pathname + refusal.search)
    expect(back.headers.get('location')).toMatch(
      /^\/sign-in\?error=access_denied&identifier=[^&]+&scope=atproto/,
    )
  }
})

it('AC-1 another account that comes back from an upgrade is refused, and its tokens are revoked', async () => {
  await using network = await startScriptedNetwork()
  const visitor = createApp(network).visit()
  await visitor.signIn(alice)
  const { location = '' } = await requireUpload(visitor)
  const begun = await visitor.get(location, ownLink)
  const url = network.home.as.approve(new URL(begun.headers.get('location') ?? ''), bob.did)
  const back = await visitor.get(url.pathname + url.search)
  // No account is named to the form: the person says anew who they want to be.
  expect(back.headers.get('location')).toMatch(/^\/sign-in\?error=account_mismatch&returnTo=/)
  expect(back.headers.get('location')).not.toContain('identifier')
  expect(await visitor.whoIsSignedIn()).toBe(alice.did)
  expect(network.home.as.grants.counts.revocations).toBe(1)
})

it('X5 a link of another site begins no upgrade: it shows the sign-in page', async () => {
  await using network = await startScriptedNetwork()
  const visitor = createApp(network).visit()
  const path = `/oauth/login?identifier=${alice.handle}&scope=${encodeURIComponent(SCOPE)}`
  const answer = await visitor.get(path, { ...navigation, 'sec-fetch-site': 'cross-site' })
  expect(answer.headers.get('location')).toMatch(/^\/sign-in\?identifier=/)
  expect(network.requests).toEqual([])
})

it.each(['atproto transition:generic', 'repo:app.bsky.feed.post', 'atproto "', 'atproto a\nb'])(
  'SC-1 MD-5 asks for no scope that the client does not declare: %j',
  async (scope) => {
    await using network = await startScriptedNetwork()
    const visitor = createApp(network).visit()
    const answer = await visitor.post('/oauth/login', { identifier: alice.handle, scope })
    expect(answer.headers.get('location')).toMatch(/^\/sign-in\?error=configuration/)
    expect(network.requests).toEqual([])
  },
)

it('tells the developer when no declared scope allows what a page requires', async () => {
  await using network = await startScriptedNetwork()
  const visitor = createApp(network).visit()
  await visitor.signIn(alice)
  const attempt = visitor.run((auth) => auth.requireSession({ scope: 'repo:com.example.none' }))
  expect(await refusalOf(attempt)).toMatchObject({
    code: 'configuration',
    message: expect.stringMatching(/"repo:com\.example\.none", which the option scope does not contain/),
  })
})
