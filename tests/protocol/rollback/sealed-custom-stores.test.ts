/** Another version reads what an application's `sessionStore` and `stateStore` were given. */
import type { InternalStateData, Session } from 'next-atproto-auth/oauth'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createJsonStore } from '../../support/json-store.ts'
import { alice } from '../../support/protocol/scripted-network.ts'
import { refusalOf } from '../../support/refusal.ts'
import { customStoreDirections } from './directions.ts'
import { LATER_MS, people } from './open-application.ts'
import { sha256 } from './open-row.ts'
import { createRecordedNetwork } from './recorded-network.ts'
import { APP_STATE, describeClient, LABEL, readKeyset } from './write-client.ts'

const CALL = '/xrpc/app.bsky.actor.getPreferences'
const HOUR_MS = 3_600_000
const text = z.string().optional()
/** The fields that the tests compare. `looseObject` keeps the others. */
const tokenSetSchema = z.looseObject({ iss: z.string(), sub: z.string(), aud: z.string(), scope: z.string() })
const sessionSchema = z.object({
  dpopJwk: z.looseObject({ d: z.string() }),
  authMethod: z.object({ method: z.string(), kid: text }),
  tokenSet: tokenSetSchema.extend({ access_token: z.string(), refresh_token: text, expires_at: text }),
  details: z.looseObject({
    authorizationEndpoint: z.string(),
    tokenEndpoint: z.string(),
    parEndpoint: z.string(),
    revocationEndpoint: text,
    createdAt: z.number(),
    lastUsedAt: z.number(),
    rotation: z.number(),
    generation: z.number(),
  }),
})
const stateSchema = z.object({
  iss: z.string(),
  verifier: z.string(),
  dpopJwk: z.looseObject({ d: z.string() }),
  authMethod: z.object({ method: z.string(), kid: text }),
  details: z.looseObject({ tokenEndpoint: z.string(), redirectUri: z.string() }),
})

describe.each(customStoreDirections)('$title', ({ reader, written: write, publicUrl }) => {
  beforeAll(async () => void (await write()))

  async function open() {
    const written = await write()
    const { addresses, sessions: given, states: begun } = written
    const network = createRecordedNetwork(addresses, people)
    const [states, sessions] = [createJsonStore<InternalStateData>(), createJsonStore<Session>()]
    for (const { key, value } of Object.values(begun)) states.entries.set(key, JSON.stringify(value))
    for (const value of Object.values(given))
      sessions.entries.set(sessionSchema.parse(value).tokenSet.sub, JSON.stringify(value))
    const now = () => written.writtenAt + LATER_MS
    const client = new reader.OAuthClient({
      clientMetadata: describeClient(reader, publicUrl),
      keyset: await readKeyset(reader, publicUrl),
      stateStore: states.store,
      sessionStore: sessions.store,
      now,
      fetch: network.fetch,
      localNetwork: { plcDirectory: addresses.plc, handleResolver: addresses.resolver },
      onWarning: () => undefined,
    })
    return { written, client, network, sessions, now }
  }

  it.each(['full', 'bare', 'marked', 'official'] as const)('restores a session: %s', async (name) => {
    const { written, client, network } = await open()
    const { dpopJwk, tokenSet, details } = sessionSchema.parse(written.sessions[name])
    const session = await client.restore(tokenSet.sub, false)
    const { did, id, pds, scope, serverMetadata } = session
    expect({ did, id, pds, scope, serverMetadata }).toEqual({
      did: tokenSet.sub,
      id: tokenSet.sub,
      pds: tokenSet.aud,
      scope: tokenSet.scope,
      serverMetadata: {
        issuer: tokenSet.iss,
        authorization_endpoint: details.authorizationEndpoint,
        token_endpoint: details.tokenEndpoint,
        pushed_authorization_request_endpoint: details.parEndpoint,
        revocation_endpoint: details.revocationEndpoint,
      },
    })
    expect((await session.getTokenInfo(false)).expiresAt?.toISOString()).toBe(tokenSet.expires_at)
    expect(await client.listSessions(did)).toEqual([
      // 0.1.0 does not know isConnection.
      expect.objectContaining({
        did,
        deviceId: sha256(did),
        label: name === 'full' ? LABEL : undefined,
        createdAt: new Date(details.createdAt),
        lastUsedAt: new Date(details.lastUsedAt),
        isActive: true,
        reason: undefined,
      }),
    ])
    expect((await session.fetchHandler(CALL)).status).toBe(200)
    const { d: _, ...dpopKey } = dpopJwk
    expect(network.sent(CALL)).toEqual([
      expect.objectContaining({ accessToken: tokenSet.access_token, dpopKey }),
    ])
  })

  it.each(['full', 'marked', 'official'] as const)(
    'refreshes with what the value holds, and keeps the rest of it: %s',
    async (name) => {
      const { written, client, network, sessions, now } = await open()
      const value = sessionSchema.parse(written.sessions[name])
      const { tokenSet, authMethod, details } = value
      await (await client.restore(tokenSet.sub, false)).refresh()
      const [request] = network.sent('/oauth/token')
      expect(request?.url.href).toBe(details.tokenEndpoint)
      expect([request?.clientKeyId, request?.form.get('refresh_token')]).toEqual([
        authMethod.kid,
        tokenSet.refresh_token,
      ])
      const { intent: _, ...kept } = details
      expect(sessions.read(tokenSet.sub)).toEqual({
        ...value,
        tokenSet: {
          ...tokenSet,
          access_token: 'access-1',
          refresh_token: 'refresh-1',
          expires_at: new Date(now() + HOUR_MS).toISOString(),
        },
        // One write for the refresh marker and one for the tokens.
        details: {
          ...kept,
          generation: details.generation + 2,
          rotation: details.rotation + 1,
          issuedAt: now(),
          lastUsedAt: now(),
          verifiedAt: now(),
        },
      })
    },
  )

  it.each([
    ['signIn', APP_STATE],
    ['signUp', null],
  ] as const)('finishes a sign-in: %s', async (name, appState) => {
    const { written, client, network } = await open()
    const { key, value } = written.states[name]
    const { iss, verifier, authMethod, details, dpopJwk } = stateSchema.parse(value)
    const params = new URLSearchParams({ state: key, iss, code: 'the code' })
    network.approve(alice.did)
    const { session, state } = await client.callback(params)
    expect([session.did, state]).toEqual([alice.did, appState])
    const [request] = network.sent('/oauth/token')
    const { d: _, ...dpopKey } = dpopJwk
    expect(request).toMatchObject({ url: new URL(details.tokenEndpoint), dpopKey })
    expect(request?.clientKeyId).toBe(authMethod.kid)
    expect([request?.form.get('code_verifier'), request?.form.get('redirect_uri')]).toEqual([
      verifier,
      details.redirectUri,
    ])
    expect(await refusalOf(client.callback(params))).toMatchObject({ code: 'state_unknown' })
  })
})
