/** Lets a version of the library write rows, by real sign-ins at the scripted authorization server. */
import type { OAuthClient, OAuthSession } from 'next-atproto-auth/oauth'
import type { Home } from '../../../lib/testing/servers/pds-and-server.ts'
import {
  alice,
  bob,
  crowd,
  type Person,
  type ScriptedNetwork,
  startScriptedNetwork,
} from '../../support/protocol/scripted-network.ts'
import { alter } from '../../support/protocol/scripted-server.ts'
import { clientKey, officialKey } from './keys.ts'
import type { Library } from './library.ts'
import type { Addresses } from './written.ts'

export const SCOPE = 'atproto repo:app.bsky.feed.post'
export const LABEL = 'Firefox on Linux'
export const APP_STATE = 'a text of the application'

export const carol = member(0)
export const dan = member(1)
export const erin = member(2)
export const frank = member(3)
export const grace = member(4)
/** The accounts whose server leaves out all optional fields. */
const atBareHome: readonly Person[] = [bob]

export interface WritingNetwork extends ScriptedNetwork {
  readonly bareHome: Home
  readonly addresses: Addresses
  readonly localNetwork: { readonly plcDirectory: string; readonly handleResolver: string }
}

/** A network with two homes, whose confidential client has the key of the fixtures. */
export async function startWritingNetwork(): Promise<WritingNetwork> {
  const { d: _, ...publicJwk } = clientKey
  const network = await startScriptedNetwork({ hasRealClock: true, jwks: { keys: [publicJwk] } })
  const bareHome = await network.addHome()
  for (const person of atBareHome) network.move(person, bareHome.pds.origin)
  bareHome.as.answer('/.well-known/oauth-authorization-server', async (_request, usual) =>
    alter(await usual(), { revocation_endpoint: undefined }),
  )
  bareHome.as.answer('/oauth/token', async (_request, usual) =>
    alter(await usual(), { refresh_token: undefined, expires_in: undefined }),
  )
  const addressesOf = ({ as, pds }: Home, people: readonly Person[]) => ({
    issuer: as.origin,
    pds: pds.origin,
    dids: people.map(({ did }) => did),
  })
  const { plc, resolver, home } = network
  return {
    ...network,
    bareHome,
    localNetwork: { plcDirectory: plc.origin, handleResolver: resolver.origin },
    addresses: {
      plc: plc.origin,
      resolver: resolver.origin,
      homes: [addressesOf(home, [alice, ...crowd]), addressesOf(bareHome, atBareHome)],
    },
  }
}

/** The metadata of the application at a public URL: a confidential client, or on this machine the loopback client. */
export function describeClient(library: Library, publicUrl: string) {
  return library.buildClientMetadata({
    publicUrl,
    scope: SCOPE,
    metadataPath: '/oauth-client-metadata.json',
    jwksPath: '/oauth/jwks.json',
    callbackPath: '/oauth/callback',
  })
}

export async function readKeyset(library: Library, publicUrl: string) {
  return publicUrl.startsWith('https:') ? library.importKeyset(clientKey) : undefined
}

export async function signIn(
  client: OAuthClient,
  { did, handle }: Person,
  { as, label }: { readonly as: Home['as']; readonly label?: string },
): Promise<OAuthSession> {
  const { url } = await client.start(handle)
  return (await client.callback(as.approve(url, did).searchParams, { label })).session
}

/** One session of each kind that every store keeps. */
export async function writeSessions(client: OAuthClient, network: WritingNetwork) {
  const { as } = network.home
  const full = await signIn(client, alice, { as, label: LABEL })
  const bare = await signIn(client, bob, { as: network.bareHome.as })
  const marked = await signIn(client, carol, { as })
  as.answerOnce('/oauth/token', { drop: true })
  await expectFailure(marked.refresh())
  const official = await client.importSession(officialSession(network))
  return { full, bare, marked, official }
}

/** A session that its server has ended, and whose next refresh has failed for that reason. */
export async function writeEndedSession(
  client: OAuthClient,
  { home: { as } }: WritingNetwork,
): Promise<OAuthSession> {
  const session = await signIn(client, dan, { as })
  const grant = as.grants.all.find(({ did }) => did === dan.did)
  if (grant) grant.alive = false
  await expectFailure(session.refresh())
  return session
}

/** A sign-in and a sign-up under way. */
export async function writeStates(client: OAuthClient, { home: { as } }: WritingNetwork) {
  const { state: signIn } = await client.start(alice.handle, { state: APP_STATE })
  const { state: signUp } = await client.start(as.origin, { prompt: 'create' })
  return { signIn, signUp }
}

/** A session as the official Node client stores it. */
export function officialSession({ home }: Pick<WritingNetwork, 'home'>) {
  return {
    dpopJwk: officialKey,
    authMethod: { method: 'legacy' },
    tokenSet: {
      iss: home.as.origin,
      sub: erin.did,
      aud: home.pds.origin,
      scope: SCOPE,
      access_token: 'access token of the official client',
      refresh_token: 'refresh token of the official client',
      token_type: 'DPoP',
      expires_at: new Date(Date.now() + 3_600_000).toISOString(),
    },
  }
}

function member(index: number): Person {
  const person = crowd[index]
  if (!person) throw new Error('The crowd is smaller than expected.')
  return person
}

async function expectFailure(work: Promise<unknown>): Promise<void> {
  const hasFailed = await work.then(
    () => false,
    () => true,
  )
  if (!hasFailed) throw new Error('This was expected to fail.')
}
