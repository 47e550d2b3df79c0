/** A session whose refresh token its server refuses, and the words in which servers do so. */
import { type InternalStateData, OAuthClient, type OAuthSession, type Session } from 'next-atproto-auth/oauth'
import { expect } from 'vitest'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { createJsonStore } from '../../support/json-store.ts'
import { call, createScriptedClient, signIn } from '../../support/protocol/scripted-client.ts'
import {
  type NetworkOptions,
  type ScriptedNetwork,
  startScriptedNetwork,
} from '../../support/protocol/scripted-network.ts'
import type { Answer } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'

export const TOKEN = '/oauth/token'
export const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS

/** An error answer in JSON. */
export function says(json: Readonly<Record<string, string>>, status = 400): Answer {
  return { status, json }
}

export const mismatch = says({ error: '"client_id" mismatch' })
export const expired = says({ error: 'Session expired' })
const invalidToken = says({ error: 'InvalidRequest', message: 'invalid refresh token' })
/** The words of servers that refuse the refresh token of an ended session. */
export const ownWords = [
  ['cocoon: "client_id" mismatch', mismatch],
  ['cocoon: Session expired', expired],
  ['pegasus: invalid refresh token', invalidToken],
] as const

export interface Refused extends AsyncDisposable {
  readonly network: ScriptedNetwork
  readonly client: OAuthClient
  readonly session: OAuthSession
  /** The session in another process, which shares the store alone. */
  startProcess(): Promise<OAuthSession>
}

export interface RefusedOptions extends NetworkOptions {
  /** Keeps the session in a store of the application's own. */
  readonly hasCustomStore?: boolean
}

/** A session whose access token has just ended, at a server that answers its refresh token so. */
export async function startRefused(answer: Answer, options: RefusedOptions = {}): Promise<Refused> {
  const network = await startScriptedNetwork(options)
  const createClient = options.hasCustomStore ? customStoreClients(network) : storeClients(network)
  const client = createClient()
  const session = await signIn(network, client)
  await call(session)
  network.advance(HOUR_MS)
  network.home.as.answer(TOKEN, answer)
  return {
    network,
    client,
    session,
    startProcess: () => createClient().restore(session.did, false, { sessionId: session.id }),
    [Symbol.asyncDispose]: () => network[Symbol.asyncDispose](),
  }
}

function storeClients(network: ScriptedNetwork): () => OAuthClient {
  const store = createMemoryStore({ now: network.now })
  return () => createScriptedClient(network, { store })
}

function customStoreClients(network: ScriptedNetwork): () => OAuthClient {
  const stateStore = createJsonStore<InternalStateData>().store
  const sessionStore = createJsonStore<Session>().store
  const { clientMetadata } = createScriptedClient(network)
  const localNetwork = { plcDirectory: network.plc.origin, handleResolver: network.resolver.origin }
  return () => new OAuthClient({ clientMetadata, localNetwork, stateStore, sessionStore, now: network.now })
}

/** Calls at these minutes, all of which are refused; the errors. */
export async function callAt(
  minutes: readonly number[],
  { network, session }: Pick<Refused, 'network' | 'session'>,
): Promise<readonly Error[]> {
  const errors: Error[] = []
  let passed = 0
  for (const minute of minutes) {
    network.advance((minute - passed) * MINUTE_MS)
    passed = minute
    errors.push(await refusalOf(call(session)))
  }
  return errors
}

export const over = { name: 'TokenRevokedError', code: 'session_ended', reason: 'revoked' }
export const kept = { name: 'TokenRefreshError', code: 'refresh_failed' }

/** The session works as soon as its server takes its refresh token again. */
export async function expectAlive({ network, client, session }: Refused): Promise<void> {
  expect(await client.describeSession(session.id)).toMatchObject({ isActive: true })
  network.home.as.restore(TOKEN)
  expect(await call(session)).toBe(200)
}
