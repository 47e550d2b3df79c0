/** A stranger at a page that needs more than a sign-in asks for: the sign-in page takes the wish along. */
import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, it } from 'vitest'
import { SignInForm } from '../../../lib/react/sign-in/sign-in-form.tsx'
import { createNextApp, navigation, ORIGIN, type Visitor } from '../../support/protocol/next-app.ts'
import { alice, type ScriptedNetwork, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { alter } from '../../support/protocol/scripted-server.ts'

const SIGN_IN = 'atproto repo:app.bsky.feed.post'
const UPGRADED = `${SIGN_IN} blob:image/*`
const wish = { returnTo: '/upload', scope: 'blob:image/png' }

const pages = ['/oauth/login', '/sign-in'] as const
/** The scopes that the server was asked for, in their order; a request with a new nonce is the same one. */
const askedScopes = (network: ScriptedNetwork) => [
  ...new Set(network.sent('/oauth/par').map(({ form }) => form.get('scope'))),
]
/** What browsers say, or do not say, about who began the navigation. */
const sites = ['cross-site', 'same-site', 'same-origin', 'none', undefined] as const

function createApp(network: ScriptedNetwork, signInPage: (typeof pages)[number]) {
  return createNextApp(network, { scope: `${UPGRADED} account:email`, signInScope: SIGN_IN, signInPage })
}

const requireUpload = (visitor: Visitor) =>
  visitor.act((auth) => auth.requireSession(wish), { phase: 'render' })

/** What the page at `location` holds: the handlers' own page, or one around the form as the guides show it. */
async function openSignIn(visitor: Visitor, location: string): Promise<string> {
  const { pathname, searchParams } = new URL(location, 'http://x')
  if (pathname === '/oauth/login') return (await visitor.get(location)).text()
  expect(pathname).toBe('/sign-in')
  const { error, identifier, returnTo, scope } = Object.fromEntries(searchParams)
  return renderToStaticMarkup(createElement(SignInForm, { error, identifier, returnTo, scope }))
}

/** The form of that page, sent by somebody who typed their handle where it was empty. */
async function submit(visitor: Visitor, html: string): Promise<URL> {
  const inputs = [...html.matchAll(/<input[^>]*>/g)].map(([tag]) => {
    const read = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1] ?? ''
    return [read('name'), read('value')] as const
  })
  const fields = Object.fromEntries(inputs)
  const form = { ...fields, identifier: fields.identifier || alice.handle }
  const begun = await visitor.post('/oauth/login', form)
  return new URL(begun.headers.get('location') ?? '', 'http://x')
}

/** Back from the server, which begins a navigation of its own; where the callback leads. */
async function comeBack(visitor: Visitor, network: ScriptedNetwork, at: URL): Promise<string | null> {
  const { pathname, search } = network.home.as.approve(at, alice.did)
  const answer = await visitor.get(pathname + search, { ...navigation, 'sec-fetch-site': 'cross-site' })
  return answer.headers.get('location')
}

it.each(pages)('a stranger signs in once at %s and has the permission that the page needs', async (path) => {
  await using network = await startScriptedNetwork()
  const visitor = createApp(network, path).visit()
  const { location = '' } = await requireUpload(visitor)
  expect(new URL(location, 'http://x').searchParams.get('scope')).toBe(UPGRADED)
  const at = await submit(visitor, await openSignIn(visitor, location))
  expect(askedScopes(network)).toEqual([UPGRADED])
  expect(await comeBack(visitor, network, at)).toBe('/upload')
  expect((await requireUpload(visitor)).result?.can(wish.scope)).toBe(true)
})

it.each(pages.flatMap((path) => sites.map((site) => ({ path, site }))))(
  'after the guard, which knows no scope, one more round at $path gives it (Sec-Fetch-Site: $site)',
  async ({ path, site }) => {
    await using network = await startScriptedNetwork()
    const visitor = createApp(network, path).visit()
    // As the guard sends a stranger away.
    const first = await submit(visitor, await openSignIn(visitor, `${path}?returnTo=/upload`))
    expect(await comeBack(visitor, network, first)).toBe('/upload')

    // The page asks for more; the browser follows, and says what it says about who began that.
    const { location = '' } = await requireUpload(visitor)
    const { 'sec-fetch-site': _, ...rest } = navigation
    const answer = await visitor.get(
      location,
      site === undefined ? rest : { ...rest, 'sec-fetch-site': site },
    )
    const isBegun = site === 'same-origin'
    const second = isBegun
      ? new URL(answer.headers.get('location') ?? '')
      : await submit(visitor, await shown(visitor, answer))
    expect(await comeBack(visitor, network, second)).toBe('/upload')
    expect((await requireUpload(visitor)).result?.can(wish.scope)).toBe(true)
    expect(askedScopes(network)).toEqual([SIGN_IN, UPGRADED])
  },
)

/** The sign-in page that an answer is, or leads to. */
async function shown(visitor: Visitor, answer: Response): Promise<string> {
  const location = answer.headers.get('location')
  return location === null ? answer.text() : openSignIn(visitor, location)
}

it('a stranger who is granted less is told so at the sign-in page, and is not sent around', async () => {
  await using network = await startScriptedNetwork()
  const visitor = createApp(network, '/sign-in').visit()
  const { location = '' } = await requireUpload(visitor)
  network.home.as.answerOnce('/oauth/token', async (_, usual) => alter(await usual(), { scope: SIGN_IN }))
  const at = await submit(visitor, await openSignIn(visitor, location))
  expect(await comeBack(visitor, network, at)).toMatch(/^\/sign-in\?error=scope_missing&/)
  expect(await visitor.whoIsSignedIn()).toBe(alice.did)
})

it.each(['localhost:3000', 'localhost'])(
  'LB-4 a page at %s that needs somebody leads to 127.0.0.1, before anything is typed',
  async (host) => {
    await using network = await startScriptedNetwork()
    const visitor = createApp(network, '/sign-in').visit()
    const { location } = await visitor.act((auth) => auth.requireSession(wish), {
      phase: 'render',
      headers: { ...navigation, host },
    })
    const query = new URLSearchParams({ returnTo: '/upload', scope: UPGRADED })
    const step = `/oauth/login?changeHost=unlessSignedIn&${query}`
    expect(location).toBe(ORIGIN + step)
    const answer = await visitor.get(step, navigation)
    expect(answer.headers.get('location')).toBe(`/sign-in?${query}`)
  },
)

it.each(pages)(
  'LB-4 a page at localhost leads who is signed in at 127.0.0.1 to that page (%s)',
  async (path) => {
    await using network = await startScriptedNetwork()
    const visitor = createApp(network, path).visit()
    const at = await submit(visitor, await openSignIn(visitor, path))
    await comeBack(visitor, network, at)
    const stranger = createApp(network, path).visit()
    const { location = '' } = await stranger.act(
      (auth) => auth.requireSession({ returnTo: '/account?tab=1' }),
      {
        phase: 'render',
        headers: { ...navigation, host: 'localhost:3000' },
      },
    )
    const answer = await visitor.get(location.slice(ORIGIN.length), navigation)
    expect(answer.headers.get('location')).toBe('/account?tab=1')
  },
)

it.each(pages)('a scope of many words is asked for whole at %s, not half of it', async (path) => {
  await using network = await startScriptedNetwork()
  const words = Array.from({ length: 100 }, (_, at) => `repo:com.example.collection${at}`)
  const scope = [SIGN_IN, ...words].join(' ')
  const visitor = createNextApp(network, { scope, signInScope: SIGN_IN, signInPage: path }).visit()
  const needed = { returnTo: '/all', scope: words.join(' ') }
  const require = () => visitor.act((auth) => auth.requireSession(needed), { phase: 'render' })
  const { location = '' } = await require()
  const at = await submit(visitor, await openSignIn(visitor, location))
  expect(await comeBack(visitor, network, at)).toBe('/all')
  expect((await require()).result?.can(needed.scope)).toBe(true)
})
