import type { IncomingHttpHeaders } from 'node:http'
import { calculateJwkThumbprint, decodeJwt, EmbeddedJWK, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { sha256Async } from '../../../../lib/crypto/derive.ts'
import { generatePrivateJwk, importSigningKey } from '../../../../lib/crypto/keyset.ts'
import { createGuardedFetch } from '../../../../lib/net/guarded-fetch.ts'
import { type DpopRequest, fetchWithDpop } from '../../../../lib/oauth/server/dpop.ts'
import { createServerState } from '../../../../lib/oauth/server/server-state.ts'
import { bodyOf, serve } from '../../../support/unit/serve.ts'

const NOW = Date.UTC(2026, 0, 1)
const key = await importSigningKey(await generatePrivateJwk())
const fetch = createGuardedFetch({ localNetwork: {} })

interface Seen {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** A server that answers by script, its last answer for good, and keeps what it saw. */
async function scripted(...answers: readonly Answer[]) {
  const seen: Seen[] = []
  const { origin } = await serve(async (request, response) => {
    seen.push({ headers: request.headers, body: await bodyOf(request) })
    const { status, headers, body } = answers[Math.min(seen.length, answers.length) - 1] ?? { status: 200 }
    response.writeHead(status, headers).end(body)
  })
  const servers = createServerState()
  const send = (request: Partial<DpopRequest> = {}) => {
    const url = new URL('/path?query=1#fragment', origin)
    const full: DpopRequest = {
      url,
      method: 'POST',
      kind: 'token',
      key,
      headers: new Headers(),
      clockOrigin: origin,
      ...request,
    }
    return fetchWithDpop(full, { fetch, servers, now: () => NOW })
  }
  const proofs = () => seen.map(({ headers }) => String(headers.dpop))
  return { origin, servers, seen, send, proofs }
}

const wantsNonce: Answer = {
  status: 400,
  headers: { 'dpop-nonce': 'nonce-1' },
  body: '{"error":"use_dpop_nonce"}',
}
const challenge: Answer = {
  status: 401,
  headers: { 'dpop-nonce': 'nonce-1', 'www-authenticate': 'DPoP error="use_dpop_nonce"' },
}
const fine: Answer = { status: 200 }

describe('a DPoP proof', () => {
  it('DP-2 O9 verifies with the public key in its own header', async () => {
    const { send, proofs } = await scripted(fine)
    await send()
    const [proof = ''] = proofs()
    const { protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
      typ: 'dpop+jwt',
      currentDate: new Date(NOW),
    })
    expect(protectedHeader).toEqual({ typ: 'dpop+jwt', alg: 'ES256', jwk: { ...key.publicJwk } })
    expect(await calculateJwkThumbprint(protectedHeader.jwk ?? {})).toBe(key.jkt)
  })

  it('DP-2 DP-5 DP-7 O9 says method, time and the URL without query and fragment, and nothing else', async () => {
    const { origin, send, proofs } = await scripted(fine)
    await send()
    const claims = decodeJwt(proofs()[0] ?? '')
    expect(claims).toEqual({ jti: expect.any(String), htm: 'POST', htu: `${origin}/path`, iat: NOW / 1000 })
  })

  it('DP-3 O9 has a new jti each time, of 256 bits', async () => {
    const { send, proofs } = await scripted(fine)
    await Promise.all(Array.from({ length: 100 }, () => send()))
    const jtis = proofs().map((proof) => decodeJwt(proof).jti ?? '')
    expect(new Set(jtis).size).toBe(100)
    for (const jti of jtis) expect(Buffer.from(jti, 'base64url')).toHaveLength(32)
  })

  it('hashes the access token for the PDS, and goes with it as DPoP', async () => {
    const { send, proofs, seen } = await scripted(fine)
    await send({ kind: 'resource', accessToken: 'token' })
    expect(decodeJwt(proofs()[0] ?? '').ath).toBe(await sha256Async('token'))
    expect(seen[0]?.headers.authorization).toBe('DPoP token')
  })

  it('DP-6 holds no ath and no Authorization where there is no token', async () => {
    const { send, proofs, seen } = await scripted(fine)
    await send()
    expect(decodeJwt(proofs()[0] ?? '')).not.toHaveProperty('ath')
    expect(seen[0]?.headers.authorization).toBeUndefined()
  })

  it('DP-2 DP-14 R3 replaces a proof and a token that the caller put in', async () => {
    const { send, seen } = await scripted(fine)
    const headers = new Headers({ dpop: 'forged', authorization: 'Bearer forged' })
    await send({ headers, kind: 'resource', accessToken: 'token' })
    expect(JSON.stringify(seen[0]?.headers)).not.toContain('forged')
  })

  it('uses the nonce that the origin gave last', async () => {
    const { send, proofs } = await scripted({ status: 200, headers: { 'dpop-nonce': 'nonce-1' } }, fine)
    await send()
    await send()
    expect(proofs().map((proof) => decodeJwt(proof).nonce)).toEqual([undefined, 'nonce-1'])
  })
})

describe('fetchWithDpop', () => {
  const demands = [
    ['400 with JSON at the authorization server', 'token', wantsNonce],
    ['401 with JSON at the authorization server', 'token', { ...wantsNonce, status: 401 }],
    ['401 with a challenge at the PDS', 'resource', challenge],
    ['400 with a challenge at the PDS', 'resource', { ...challenge, status: 400 }],
  ] as const
  it.each(demands)('asks once more after %s', async (_what, kind, demand) => {
    const { send, proofs } = await scripted(demand, fine)
    expect((await send({ kind })).status).toBe(200)
    const [first, second, ...more] = proofs().map((proof) => decodeJwt(proof))
    expect([first?.nonce, second?.nonce, more.length]).toEqual([undefined, 'nonce-1', 0])
    expect(second?.jti).not.toBe(first?.jti)
  })

  it('opens the body again for the retry: an assertion is used once', async () => {
    const { send, seen } = await scripted(wantsNonce, fine)
    let opened = 0
    const open = () => {
      opened += 1
      return { content: `assertion-${opened}`, contentType: null }
    }
    await send({ body: { replayable: true, open } })
    expect(seen.map(({ body }) => body)).toEqual(['assertion-1', 'assertion-2'])
  })

  it.each(['text/plain;x=1', 'application/cbor'])('lets the caller’s type %s win', async (type) => {
    const { send, seen } = await scripted(fine)
    const body = { replayable: true, open: () => ({ content: 'x', contentType: 'image/png' }) }
    await send({ headers: new Headers({ 'content-type': type }), body })
    expect(seen[0]?.headers['content-type']).toBe(type)
  })

  it('names the type of the body when the caller does not', async () => {
    const { send, seen } = await scripted(fine)
    await send({ body: { replayable: true, open: () => ({ content: 'x', contentType: 'image/png' }) } })
    expect(seen[0]?.headers['content-type']).toBe('image/png')
  })

  it('asks twice at most when a server wants ever new nonces', async () => {
    const again = { ...wantsNonce, headers: { 'dpop-nonce': 'nonce-2' } }
    const { send, seen } = await scripted(wantsNonce, again)
    expect((await send()).status).toBe(400)
    expect(seen).toHaveLength(2)
  })

  const pointless: readonly (readonly [string, Answer])[] = [
    ['no nonce came with it', { ...wantsNonce, headers: {} }],
    ['the nonce is unusable', { ...wantsNonce, headers: { 'dpop-nonce': 'x'.repeat(257) } }],
    ['the answer is another error', { ...wantsNonce, body: '{"error":"invalid_grant"}' }],
    ['the answer is no JSON', { ...wantsNonce, body: 'use_dpop_nonce' }],
    ['the answer is a JSON text', { ...wantsNonce, body: '"use_dpop_nonce"' }],
    ['the status says success', { ...wantsNonce, status: 200 }],
    ['the status says the server failed', { ...wantsNonce, status: 503 }],
  ]
  it.each(pointless)('asks no second time when %s', async (_why, answer) => {
    const { send, seen } = await scripted(answer)
    expect((await send()).status).toBe(answer.status)
    expect(seen).toHaveLength(1)
  })

  it('asks no second time for a nonce it has used already', async () => {
    const { origin, servers, send, seen } = await scripted(wantsNonce)
    servers.rememberNonce(origin, new Response(null, { headers: { 'dpop-nonce': 'nonce-1' } }), NOW)
    await send()
    expect(seen).toHaveLength(1)
  })

  it.each([{}, { 'dpop-nonce': 'not a nonce' }])(
    'sends no nonce of six minutes ago when one is asked for and %j given',
    async (headers) => {
      const { origin, servers, send, seen } = await scripted({ ...wantsNonce, headers })
      const answer = new Response(null, { headers: { 'dpop-nonce': 'nonce-1' } })
      servers.rememberNonce(origin, answer, NOW - 360_000)
      await send()
      expect(seen).toHaveLength(1)
    },
  )

  it('does not take a body of the PDS for a demand: that is what the challenge is for', async () => {
    const { send, seen } = await scripted({ ...wantsNonce, status: 401 })
    await send({ kind: 'resource' })
    expect(seen).toHaveLength(1)
  })

  it('leaves the body of an error for the caller to read', async () => {
    const { send } = await scripted({ ...wantsNonce, body: '{"error":"invalid_grant"}' })
    expect(await (await send()).json()).toEqual({ error: 'invalid_grant' })
  })
})
