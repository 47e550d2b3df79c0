/** A person grants a real server less than was asked for: the session says so, and a new sign-in gives the rest. */
import { type OAuthClient, type OAuthSession, ScopeMissingError } from 'next-atproto-auth/oauth'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createScopedClient } from '../support/client.ts'
import { type LocalNetwork, startNetwork } from '../support/network/network.ts'
import { approve } from '../support/person.ts'
import { refusalOf } from '../support/refusal.ts'

const POST = 'repo:app.bsky.feed.post'
const WANTED = `atproto ${POST} account:email`

let network: LocalNetwork
let client: OAuthClient
beforeAll(async () => {
  network = await startNetwork()
})
beforeEach(() => {
  client = createScopedClient(network, WANTED)
})
afterAll(() => network.stop())

interface Wish {
  /** Asked for; default the whole scope of the metadata. */
  readonly scope?: string
  /** What the person leaves ticked. */
  readonly granted?: string
}

async function signIn({ scope, granted }: Wish): Promise<OAuthSession> {
  const { alice } = network.accounts
  const { url } = await client.start(alice.handle, { scope })
  return (await client.callback((await approve(url, alice, granted)).searchParams)).session
}

/** The e-mail address, as far as the session may know it. */
async function emailOf(session: OAuthSession): Promise<string | undefined> {
  return (await session.get<{ email?: string }>('com.atproto.server.getSession')).data.email
}

function write(session: OAuthSession) {
  const record = { $type: 'app.bsky.feed.post', text: 'x', createdAt: new Date().toISOString() }
  const body = { repo: session.did, collection: 'app.bsky.feed.post', record }
  return session.post('com.atproto.repo.createRecord', { body })
}

it('TK-6 signs in with what a person leaves ticked, and shows what is missing', async () => {
  const session = await signIn({ granted: `atproto ${POST}` })
  expect(session.can('account:email')).toBe(false)
  expect(session.can(`${POST}?action=create`)).toBe(true)
  expect(await emailOf(session)).toBeUndefined()
  await write(session)
})

it('SC-7 RS-3 a call outside the granted scope names what to ask for, and a new sign-in with that can do it', async () => {
  const small = await signIn({ scope: 'atproto' })
  const error = await refusalOf(write(small))
  if (!(error instanceof ScopeMissingError)) throw error
  expect(error).toMatchObject({ status: 403, missingScope: `${POST}?action=create` })

  const large = await signIn({ scope: `atproto ${POST}` })
  expect(large.can(error.missingScope ?? '')).toBe(true)
  await write(large)
  // The session before keeps what it was given: a sign-in on another device takes nothing away, and gives nothing.
  expect(await refusalOf(write(small))).toBeInstanceOf(ScopeMissingError)
})

it('SC-7 a refresh keeps the granted scope, and does not grow to what was asked for', async () => {
  const session = await signIn({ granted: 'atproto' })
  await session.refresh()
  expect(session.scope).toBe('atproto')
  const all = await signIn({})
  expect(await emailOf(all)).toMatch('@')
})
