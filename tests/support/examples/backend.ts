/**
 * The backend service of the README of @atproto/oauth-client-node, as it stands there but for the import, the
 * addresses of the test network, and ES256 instead of RS256 as the algorithm of the client's keys.
 */
import { Agent } from '@atproto/api'
import {
  JoseKey,
  type LocalNetwork,
  OAuthClient as NodeOAuthClient,
  type InternalStateData as NodeSavedState,
  OAuthCallbackError,
  type RuntimeLock,
  type Session,
  type TokenRefreshError,
  TokenRevokedError,
} from 'next-atproto-auth/oauth'
import { express } from './express.ts'

export interface Database {
  readonly states: Map<string, string>
  readonly sessions: Map<string, string>
}

export interface BackendOptions {
  /** Where the app is reached, in place of `https://my-app.com`. */
  readonly origin: string
  readonly env: Readonly<Record<'PRIVATE_KEY_1' | 'PRIVATE_KEY_2', string>>
  readonly database: Database
  readonly requestLock: RuntimeLock
  readonly localNetwork: LocalNetwork
  readonly log: (...values: unknown[]) => void
}

export async function createBackend({
  origin,
  env,
  database,
  requestLock,
  localNetwork,
  log,
}: BackendOptions) {
  const client = new NodeOAuthClient({
    clientMetadata: {
      client_id: `${origin}/client-metadata.json`,
      client_name: 'My App',
      client_uri: origin,
      logo_uri: `${origin}/logo.png`,
      tos_uri: `${origin}/tos`,
      policy_uri: `${origin}/policy`,
      redirect_uris: [`${origin}/atproto-oauth-callback`],
      grant_types: ['authorization_code', 'refresh_token'],
      scope: 'atproto transition:generic',
      response_types: ['code'],
      application_type: 'web',
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
      dpop_bound_access_tokens: true,
      jwks_uri: `${origin}/jwks.json`,
    },

    keyset: await Promise.all([
      JoseKey.fromImportable(env.PRIVATE_KEY_1, 'key1'),
      JoseKey.fromImportable(env.PRIVATE_KEY_2, 'key2'),
    ]),

    stateStore: {
      async set(key: string, internalState: NodeSavedState): Promise<void> {
        database.states.set(key, JSON.stringify(internalState))
      },
      async get(key: string): Promise<NodeSavedState | undefined> {
        const text = database.states.get(key)
        return text === undefined ? undefined : JSON.parse(text)
      },
      async del(key: string): Promise<void> {
        database.states.delete(key)
      },
    },

    sessionStore: {
      async set(sub: string, session: Session): Promise<void> {
        database.sessions.set(sub, JSON.stringify(session))
      },
      async get(sub: string): Promise<Session | undefined> {
        const text = database.sessions.get(sub)
        return text === undefined ? undefined : JSON.parse(text)
      },
      async del(sub: string): Promise<void> {
        database.sessions.delete(sub)
      },
    },

    requestLock,
    localNetwork,
  })

  client.addEventListener('updated', (event: CustomEvent<Session>) => {
    log('Refreshed tokens were saved in the store:', event.detail)
  })

  client.addEventListener(
    'deleted',
    (event: CustomEvent<{ sub: string; cause: TokenRefreshError | TokenRevokedError | unknown }>) => {
      const { cause } = event.detail
      if (cause instanceof TokenRevokedError) log('Session was revoked:', event.detail.sub)
    },
  )

  const app = express()

  app.get('/client-metadata.json', (_req, res) => res.json(client.clientMetadata))
  app.get('/jwks.json', (_req, res) => res.json(client.jwks))

  app.get('/login', async (req, res, next) => {
    try {
      const handle = new URLSearchParams(req.url.split('?')[1]).get('handle') ?? ''
      const user = 'user 1'
      const ac = new AbortController()
      req.on('close', () => ac.abort())

      const url = await client.authorize(handle, {
        signal: ac.signal,
        // Use "prompt=none" to attempt silent sign-in
        prompt: 'none',
        // Build an internal state to map the login request to the user, and allow retries
        state: JSON.stringify({ user, handle }),
        ui_locales: 'fr-CA fr en',
      })

      res.redirect(url)
    } catch (err) {
      next(err)
    }
  })

  app.get('/atproto-oauth-callback', async (req, res, next) => {
    const params = new URLSearchParams(req.url.split('?')[1])
    try {
      try {
        const { session, state } = await client.callback(params)

        log('authorize() was called with state:', state)
        log('User authenticated as:', session.did)

        const agent = new Agent(session)
        const { data } = await agent.com.atproto.repo.describeRepo({ repo: agent.assertDid })

        res.json({ ok: true, handle: data.handle })
      } catch (err) {
        // Silent sign-in failed, retry without prompt=none
        if (
          err instanceof OAuthCallbackError &&
          ['login_required', 'consent_required'].includes(err.params.get('error') ?? '')
        ) {
          const { user, handle } = JSON.parse(err.state ?? '')

          const url = await client.authorize(handle, {
            // Note that we omit the prompt parameter here. Setting "prompt=none"
            // here would result in an infinite redirect loop.
            state: JSON.stringify({ user, handle }),
          })

          res.redirect(url)
          return
        }

        throw err
      }
    } catch (err) {
      next(err)
    }
  })

  // Whenever needed, restore a user's session
  async function worker(userDid: string) {
    const oauthSession = await client.restore(userDid)
    const agent = new Agent(oauthSession)
    return agent.com.atproto.server.getSession()
  }

  return { app, client, worker }
}
