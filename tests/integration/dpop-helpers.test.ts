/** A script's life against a real PDS: four strings from the environment, a refresh, calls, the next refresh. */
import {
  discoverTokenEndpoint,
  dpopGet,
  dpopPostForm,
  generatePrivateJwk,
  jwkToKey,
  publicJwk,
  refreshTokens,
} from 'next-atproto-auth/oauth'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createBlindIndex } from '../../lib/crypto/blind-index.ts'
import { createSealer } from '../../lib/crypto/seal.ts'
import { createSessionRecords } from '../../lib/oauth/records/sealed-records.ts'
import { createMemoryStore } from '../../lib/store/memory.ts'
import { createTestClient, SECRET, signIn } from '../support/client.ts'
import { countRefreshes, rotateNonces, setNonceInterval } from '../support/network/hooks.ts'
import { type LocalNetwork, startNetwork } from '../support/network/network.ts'

let network: LocalNetwork
beforeAll(async () => {
  network = await startNetwork()
})
beforeEach(() => network.pds[0].requests.clear())
afterAll(() => network.stop())

/** What a script would be given after a sign-in: strings only. */
async function environmentOf(name: 'alice' | 'bob') {
  const store = createMemoryStore()
  const client = createTestClient(network, { store })
  const session = await signIn(client, network.accounts[name])
  const sessions = createSessionRecords({
    ...{
      store,
      clientId: client.clientMetadata.client_id,
      now: Date.now,
      lifetimeMs: 60_000,
      idleMs: 60_000,
    },
    sealer: createSealer([SECRET], 'session row'),
    blindIndex: createBlindIndex([SECRET], 'account index'),
  })
  const stored = await sessions.read(session.id)
  if (!stored?.row.tokens.refreshToken) throw new Error('The sign-in left no refresh token.')
  const { row } = stored
  return {
    CLIENT_ID: client.clientMetadata.client_id,
    REFRESH_TOKEN: stored.row.tokens.refreshToken,
    DPOP_PRIVATE_JWK: JSON.stringify(row.key.dpopJwk),
    ISSUER: row.server.issuer,
    DID: row.account.did,
  }
}

async function startScript(name: 'alice' | 'bob' = 'alice') {
  const env = await environmentOf(name)
  const key = await jwkToKey(env.DPOP_PRIVATE_JWK)
  const { localNetwork } = network
  const refresh = (refreshToken = env.REFRESH_TOKEN) =>
    refreshTokens({ issuer: env.ISSUER, refreshToken, key, clientId: env.CLIENT_ID, localNetwork })
  const get = (accessToken: string, method: string, params: Readonly<Record<string, string>> = {}) =>
    dpopGet({ url: `${env.ISSUER}/xrpc/${method}`, params, key, accessToken, localNetwork })
  return { env, key, refresh, get, localNetwork }
}

describe('a script with a refresh token and a DPoP key', () => {
  it.each(['alice', 'bob'] as const)('RF-1: refreshes, calls and refreshes again (%s)', async (name) => {
    const { env, refresh, get } = await startScript(name)
    const first = await refresh()
    expect(first).toMatchObject({ sub: env.DID, isRotated: true, isDpopBound: true, issuer: env.ISSUER })
    expect(first.refreshToken).not.toBe(env.REFRESH_TOKEN)
    const { response } = await get(first.accessToken, 'com.atproto.repo.describeRepo', { repo: env.DID })
    expect(await response.json()).toMatchObject({ did: env.DID })

    const second = await refresh(first.refreshToken)
    const session = await get(second.accessToken, 'com.atproto.server.getSession')
    expect([session.response.status, session.nonce]).toEqual([200, expect.any(String)])
  })

  it('goes the same way with dpopPostForm alone, as in Python', async () => {
    const { env, key, localNetwork } = await startScript()
    const url = await discoverTokenEndpoint(env.ISSUER, { localNetwork })
    expect(url).toBe(`${env.ISSUER}/oauth/token`)
    const form = { grant_type: 'refresh_token', refresh_token: env.REFRESH_TOKEN, client_id: env.CLIENT_ID }
    const answer = await dpopPostForm({ url, form, key, localNetwork })
    expect(answer).toMatchObject({
      status: 200,
      json: { token_type: 'DPoP', sub: env.DID, refresh_token: expect.any(String) },
    })
  })

  it('DP-9: goes on when the server changes its nonces between the calls', async () => {
    const { refresh, get } = await startScript()
    const { accessToken, refreshToken } = await refresh()
    rotateNonces(network.pds[0])
    expect((await get(accessToken, 'com.atproto.server.getSession')).response.status).toBe(200)
    rotateNonces(network.pds[0])
    expect((await refresh(refreshToken)).isRotated).toBe(true)
    setNonceInterval(network.pds[0], 60_000)
  })

  it('uses one request for a refresh that knows endpoint and nonce', async () => {
    const { env, key, refresh, localNetwork } = await startScript()
    const { tokenEndpoint, nonce, refreshToken } = await refresh()
    network.pds[0].requests.clear()
    const options = { issuer: env.ISSUER, key, clientId: env.CLIENT_ID, localNetwork }
    await refreshTokens({ ...options, refreshToken, tokenEndpoint, nonce })
    expect(network.pds[0].requests.list()).toHaveLength(1)
  })

  it('RF-6: is told when the refresh token was used before', async () => {
    const { env, refresh } = await startScript()
    await refresh()
    await expect(refresh(env.REFRESH_TOKEN)).rejects.toMatchObject({
      code: 'oauth_error',
      error: 'invalid_grant',
    })
  })

  it('is refused with another key than the tokens are bound to', async () => {
    const { env, localNetwork } = await startScript()
    const key = await jwkToKey(await generatePrivateJwk())
    const refreshToken = env.REFRESH_TOKEN
    const refresh = refreshTokens({
      issuer: env.ISSUER,
      refreshToken,
      key,
      clientId: env.CLIENT_ID,
      localNetwork,
    })
    await expect(refresh).rejects.toMatchObject({ code: 'oauth_error' })
    expect(countRefreshes(network.pds[0])).toBeGreaterThan(0)
  })

  it('RS-3: reads the answer to a call that its scope does not reach', async () => {
    const { refresh, get } = await startScript()
    const { accessToken } = await refresh()
    const { response } = await get(accessToken, 'app.bsky.actor.getPreferences')
    expect(response.status).toBe(403)
    expect(await response.json()).toMatchObject({ error: 'ScopeMissingError' })
  })

  it('has a public key without the private part', async () => {
    const { env, key } = await startScript()
    expect(publicJwk(env.DPOP_PRIVATE_JWK)).toEqual(key.publicJwk)
  })
})
