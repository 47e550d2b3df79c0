/** `auth.connect()` and `auth.disconnect()`: accounts of the application's own users, beside another sign-in. */
import 'server-only'
// Without the suffix `.js`, unlike other imports of Next: Next replaces exactly this name by the server's version.
import { redirect } from 'next/navigation'
import { isDid } from '../../identity/syntax.ts'
import { isConnectionId } from '../../oauth/records/connection-id.ts'
import type { Config } from '../config/load-config.ts'
import { checkCurrentUser, connectPath, parseLink, requireConnect } from '../sign-in/connections.ts'
import { isAtOtherHost, warnOfOtherHost } from '../sign-in/public-host.ts'
import { readSignInRequest } from '../sign-in/sign-in-request.ts'
import { startSignIn } from '../sign-in/start-sign-in.ts'
import { readOwnRequest } from './current-request.ts'
import {
  type ActionStart,
  type SignInFailure,
  type SignInOptions,
  startFromAction,
} from './start-from-action.ts'

/** What a connection starts with. */
export interface ConnectFields {
  /** Handle, DID, or the address of a server that the options allow. */
  readonly identifier: string
  /**
   * Names the user of your application, in 1 to 512 characters: what `currentUser` returns. Take it from your own
   * session, never from a form. Neither the browser nor the authorization server sees it.
   */
  readonly link: string
  /** Path of the application to return to; default the option `afterSignIn`. After a failure it has `?error=`. */
  readonly returnTo?: string | undefined
  /** Scope to ask for instead of `signInScope`: `atproto` and a part of the option `scope`. */
  readonly scope?: string | undefined
}

/** Which connection to end. */
export interface ConnectionChoice {
  /** What `onConnected` was given. */
  readonly sessionId: string
}

/** `AtprotoAuth.connect`. */
export async function connectFromAction(
  { identifier, returnTo, scope, link: givenLink }: ConnectFields,
  options: SignInOptions,
  sharedConfig: Config,
): Promise<SignInFailure> {
  requireConnect(sharedConfig)
  const link = parseLink(givenLink)
  const request = await readOwnRequest(sharedConfig)
  const config = { ...sharedConfig, log: sharedConfig.log.forRequest() }
  const flow = { ...readSignInRequest({ identifier, returnTo, scope }, config), link }
  const page = { returnTo: flow.returnTo, identifier: flow.identifier }
  if (isAtOtherHost(request.headers, config)) {
    warnOfOtherHost(config)
    redirect(config.publicOrigin + config.paths.prefix + connectPath({ ...page, error: 'host_changed' }))
  }
  const start = async () => {
    await checkCurrentUser(link, config)
    return startSignIn(flow, request.headers, config)
  }
  const failurePath: ActionStart['failurePath'] = (failure) => connectPath({ ...page, ...failure })
  return startFromAction(
    { activity: 'connect', request, start, failurePath, identifier: flow.identifier },
    options,
    config,
  )
}

/** `AtprotoAuth.disconnect`. */
export async function disconnect(
  did: string,
  { sessionId }: ConnectionChoice,
  { client }: Pick<Config, 'client'>,
): Promise<boolean> {
  if (!isDid(did)) throw new TypeError('The DID of an account was expected.')
  if (typeof sessionId !== 'string' || !isConnectionId(sessionId))
    throw new TypeError(
      'auth.disconnect() expects the sessionId of a connection, as onConnected was given it.',
    )
  if ((await client.describeSession(sessionId))?.did !== did) return false
  await client.revoke(did, { sessionId })
  return true
}
