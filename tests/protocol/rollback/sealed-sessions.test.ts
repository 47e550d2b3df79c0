/** Another version reads stored sessions. */
import { beforeAll, describe, expect, it } from 'vitest'
import { refusalOf } from '../../support/refusal.ts'
import { applicationDirections } from './directions.ts'
import { openClient } from './open-application.ts'
import { sha256 } from './open-row.ts'
import { LABEL } from './write-client.ts'

const CALL = '/xrpc/app.bsky.actor.getPreferences'
const HOUR_MS = 3_600_000

describe.each(applicationDirections)('$title', ({ reader, written }) => {
  beforeAll(async () => void (await written()))

  async function open(name: 'full' | 'bare' | 'marked' | 'ended' | 'official') {
    const { sessions, clientId } = await written()
    const { did, id } = sessions[name]
    const opened = await openClient(reader, await written())
    const row = await opened.readSession(id)
    const restore = () => opened.client.restore(did, false, { sessionId: id })
    return { ...opened, did, id, row, restore, clientId }
  }

  it.each(['full', 'bare', 'marked', 'official'] as const)(
    'restores a session with all that its row holds: %s',
    async (name) => {
      const { did, id, row, restore, network } = await open(name)
      const session = await restore()
      const { pds, scope, serverMetadata } = session
      expect({ did: session.did, id: session.id, pds, scope, serverMetadata }).toEqual({
        did,
        id,
        pds: row.pds,
        scope: row.scope,
        serverMetadata: {
          issuer: row.issuer,
          authorization_endpoint: row.authorizationEndpoint,
          token_endpoint: row.tokenEndpoint,
          pushed_authorization_request_endpoint: row.parEndpoint,
          revocation_endpoint: row.revocationEndpoint,
        },
      })
      const { expiresAt, iss, aud, sub } = await session.getTokenInfo(false)
      expect([expiresAt?.getTime(), iss, aud, sub]).toEqual([row.expiresAt, row.issuer, row.pds, row.did])
      expect((await session.fetchHandler(CALL)).status).toBe(200)
      const { d: _, ...dpopKey } = Object(row.dpopJwk)
      expect(network.sent(CALL)).toEqual([
        expect.objectContaining({ url: new URL(row.pds + CALL), accessToken: row.accessToken, dpopKey }),
      ])
    },
  )

  it.each(['full', 'marked', 'official'] as const)(
    'refreshes with what the row holds, and keeps the rest of it: %s',
    async (name) => {
      const { id, row, restore, network, clientId, now, readSession } = await open(name)
      await (await restore()).refresh()
      const { d: _, ...dpopKey } = Object(row.dpopJwk)
      const [request] = network.sent('/oauth/token')
      expect(request).toMatchObject({ url: new URL(String(row.tokenEndpoint)), dpopKey })
      expect([request?.clientKeyId, request?.form.get('client_id')]).toEqual([row.clientKeyId, clientId])
      expect(request?.form.get('refresh_token')).toBe(row.refreshToken)
      const { intent: __, ...kept } = row
      expect(await readSession(id)).toEqual({
        ...kept,
        accessToken: 'access-1',
        refreshToken: 'refresh-1',
        rotation: 1,
        issuedAt: now(),
        expiresAt: now() + HOUR_MS,
        lastUsedAt: now(),
        verifiedAt: now(),
      })
    },
  )

  it.each(['full', 'bare', 'marked', 'ended', 'official'] as const)(
    'lists the sessions of an account: %s',
    async (name) => {
      const { client, did, id, row } = await open(name)
      const isActive = name !== 'ended'
      const hasLabel = name === 'full'
      expect(await client.listSessions(did)).toEqual([
        // 0.1.0 does not know isConnection.
        expect.objectContaining({
          did,
          deviceId: sha256(id),
          label: hasLabel ? LABEL : undefined,
          createdAt: new Date(Number(row.createdAt)),
          lastUsedAt: new Date(Number(row.lastUsedAt)),
          isActive,
          reason: isActive ? undefined : 'revoked',
        }),
      ])
    },
  )

  it('finds the session of an account that is named alone', async () => {
    const { client, did, id } = await open('full')
    expect((await client.restore(did, false)).id).toBe(id)
  })

  it('knows an ended session, and why it ended', async () => {
    const { client, id, restore } = await open('ended')
    expect(await client.describeSession(id)).toMatchObject({ isActive: false, reason: 'revoked' })
    expect(await refusalOf(restore())).toMatchObject({ code: 'session_ended' })
  })

  it('signs out: the row is gone, and the server hears of it', async () => {
    const { client, did, id, row, restore, network, store } = await open('full')
    await (await restore()).signOut()
    expect(network.sent('/oauth/revoke')).toEqual([
      expect.objectContaining({ url: new URL(String(row.revocationEndpoint)) }),
    ])
    expect(await store.get(`session:${sha256(id)}`)).toBeUndefined()
    expect(await client.listSessions(did)).toEqual([])
  })
})
