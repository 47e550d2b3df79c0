/** A network whose home is of one maker, an application in it, and what its developer would see. */
import {
  buildClientMetadata,
  type Did,
  generatePrivateJwk,
  importKeyset,
  type Keyset,
  type OAuthClient,
  OAuthResponseError,
  type OAuthSession,
  XrpcError,
} from 'next-atproto-auth/oauth'
import type { Store } from '../../../lib/store/contract.ts'
import { signInErrorMessage, toSignInErrorCode } from '../../../lib/web/sign-in-error.ts'
import type { Maker } from '../../support/protocol/makers/maker.ts'
import { createScriptedClient } from '../../support/protocol/scripted-client.ts'
import {
  alice,
  type NetworkOptions,
  type ScriptedNetwork,
  startScriptedNetwork,
} from '../../support/protocol/scripted-network.ts'

export const HOUR_MS = 3_600_000
export const POSTS = 'repo:app.bsky.feed.post'
export const LIKES = 'repo:app.bsky.feed.like'
const TWO_ACTIONS = `${LIKES}?action=create&action=delete`
/** What the application declares; a sign-in asks for less of it. */
const DECLARED = `atproto ${POSTS} ${LIKES} ${TWO_ACTIONS} transition:generic`
export const SCOPE = `atproto ${POSTS}`
export const SCOPE_OF_TWO_ACTIONS = `atproto ${TWO_ACTIONS}`
export const MIXED_SCOPE = `atproto transition:generic ${POSTS}`

const keyset = await importKeyset([{ ...(await generatePrivateJwk()), kid: 'key' }])

/** `works`, or the text that a user or developer sees instead. */
export type Outcome = string

export interface Life extends AsyncDisposable {
  readonly network: ScriptedNetwork
  readonly warnings: readonly string[]
  /** A process of the application; the processes share their store alone. */
  createProcess(store?: Store): OAuthClient
  /** The loopback client of a developer. */
  createLoopbackClient(): OAuthClient
}

/** Starts it, with an application that is a confidential client. */
export async function startLife(
  { traits }: Pick<Maker, 'traits'>,
  options: NetworkOptions = {},
): Promise<Life> {
  const network = await startScriptedNetwork({
    jwks: { keys: [...keyset.publicJwks.keys] },
    traits,
    ...options,
  })
  const warnings: string[] = []
  const create = (publicUrl: string, given: { readonly keyset?: Keyset; readonly store?: Store } = {}) =>
    createScriptedClient(network, {
      clientMetadata: buildClientMetadata({
        publicUrl,
        scope: DECLARED,
        metadataPath: '/oauth-client-metadata.json',
        jwksPath: '/oauth/jwks.json',
        callbackPath: '/oauth/callback',
      }),
      onWarning: (message) => warnings.push(message),
      ...given,
    })
  return {
    network,
    warnings,
    createProcess: (store) => create('https://app.example.com', { keyset, ...(store && { store }) }),
    createLoopbackClient: () => create('http://127.0.0.1:3000'),
    [Symbol.asyncDispose]: () => network[Symbol.asyncDispose](),
  }
}

/** Signs alice in, whatever she or the application says where she lives. */
export async function signIn(
  { network }: Life,
  client: OAuthClient,
  { input = alice.handle, scope = SCOPE } = {},
): Promise<OAuthSession> {
  const { url } = await client.start(input, { scope })
  return (await client.callback(network.home.as.approve(url, alice.did).searchParams)).session
}

/** A session of alice in a process of its own. */
export async function startSession(life: Life): Promise<OAuthSession> {
  return signIn(life, life.createProcess())
}

/** Writes a record. */
export function createRecord(session: OAuthSession, collection: string): Promise<unknown> {
  const record = { $type: collection, createdAt: '2026-01-01T00:00:00Z' }
  return session.post('com.atproto.repo.createRecord', {
    body: { repo: session.did satisfies Did, collection, record },
  })
}

/** `works` after work that did not fail; else what its error says. */
export async function outcomeOf(work: Promise<unknown>): Promise<Outcome> {
  return work.then(
    () => 'works',
    (error: unknown) => textOf(error),
  )
}

/** As `outcomeOf`, of a sign-in: with what the sign-in page says to a visitor. */
export async function signInOutcomeOf(work: Promise<unknown>): Promise<Outcome> {
  return work.then(
    () => 'works',
    (error: unknown) => `${textOf(error)} ${signInErrorMessage(toSignInErrorCode(error))}`,
  )
}

/** What an error says to a developer: its message, and the text of the server beside it. */
export function textOf(error: unknown): string {
  if (!(error instanceof Error)) throw error
  const said = [
    error instanceof OAuthResponseError ? error.errorDescription : undefined,
    error instanceof XrpcError ? error.errorMessage : undefined,
  ]
  return [error.message, ...said].filter((text) => text !== undefined).join(' ')
}
