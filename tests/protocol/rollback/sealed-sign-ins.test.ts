/** Another version reads pending sign-ins, and the shared cache of server metadata and nonces. */
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { alice } from '../../support/protocol/scripted-network.ts'
import { refusalOf } from '../../support/refusal.ts'
import { applicationDirections } from './directions.ts'
import { openClient } from './open-application.ts'
import { blindName } from './open-row.ts'
import { SCOPE_OF_TOKENS } from './recorded-network.ts'
import { APP_STATE } from './write-client.ts'

describe.each(applicationDirections)('$title', ({ reader, written }) => {
  beforeAll(async () => void (await written()))

  it.each([
    ['signIn', APP_STATE],
    ['signUp', null],
  ] as const)('finishes a pending sign-in: %s', async (name, appState) => {
    const { states, clientId } = await written()
    const { client, network, readState, readSession, now } = await openClient(reader, await written())
    const row = await readState(states[name])
    const params = new URLSearchParams({ state: states[name], iss: String(row.issuer), code: 'the code' })
    network.approve(alice.did)
    const { session, state } = await client.callback(params)

    expect([session.did, state]).toEqual([alice.did, appState])
    const [request] = network.sent('/oauth/token')
    const { d: _, ...dpopKey } = Object(row.dpopJwk)
    expect(request).toMatchObject({ url: new URL(String(row.tokenEndpoint)), dpopKey })
    expect(request?.clientKeyId).toBe(row.clientKeyId)
    const {
      client_assertion: __,
      client_assertion_type: ___,
      ...form
    } = Object.fromEntries(request?.form ?? [])
    expect(form).toEqual({
      grant_type: 'authorization_code',
      client_id: clientId,
      code: 'the code',
      redirect_uri: row.redirectUri,
      code_verifier: row.codeVerifier,
    })
    const { issuer, authorizationEndpoint, tokenEndpoint, parEndpoint, revocationEndpoint } = row
    expect(await readSession(session.id)).toMatchObject({
      issuer,
      authorizationEndpoint,
      tokenEndpoint,
      parEndpoint,
      revocationEndpoint,
      dpopJwk: row.dpopJwk,
      scope: SCOPE_OF_TOKENS,
      createdAt: now(),
    })
    expect(await refusalOf(client.callback(params))).toMatchObject({ code: 'state_unknown' })
  })

  it('refuses a callback from another server than the one the sign-in began at', async () => {
    const { states, addresses } = await written()
    const { client } = await openClient(reader, await written())
    const iss = addresses.homes[1]?.issuer ?? ''
    const params = new URLSearchParams({ state: states.signUp, iss, code: 'the code' })
    expect(await refusalOf(client.callback(params))).toMatchObject({ code: 'issuer_mismatch' })
  })

  it('a sign-in is forgotten after half an hour, a sign-up after an hour', async () => {
    const { states, addresses, writtenAt } = await written()
    const { client, setTime } = await openClient(reader, await written())
    const iss = addresses.homes[0]?.issuer ?? ''
    const finish = (state: string) =>
      refusalOf(client.callback(new URLSearchParams({ state, iss, error: 'access_denied' })))
    setTime(writtenAt + 31 * 60_000)
    expect(await finish(states.signIn)).toMatchObject({ code: 'state_unknown' })
    expect(await finish(states.signUp)).toMatchObject({ code: 'access_denied' })
  })

  it('uses the cached server metadata, and the cached nonce in the first request', async () => {
    const { secret, clientId, addresses } = await written()
    const { client, network, read } = await openClient(reader, await written())
    const issuer = addresses.homes[0]?.issuer ?? ''
    const place = JSON.stringify([clientId, JSON.stringify(['dpop-nonce', issuer])])
    const { nonce } = await read(`server:${blindName(secret, 'server index', place)}`)
    // The client waits a quarter of a second for the shared cache. On a busy machine that can be too short.
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    await client.start(alice.handle)
    expect(network.requests.map(({ url }) => url.pathname)).toEqual([
      '/xrpc/com.atproto.identity.resolveHandle',
      `/${alice.did}`,
      '/oauth/par',
    ])
    expect(network.sent('/oauth/par')).toEqual([expect.objectContaining({ nonce })])
  })
})
