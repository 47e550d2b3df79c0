import { describe, expect, it } from 'vitest'
import { generatePrivateJwk } from '../../../../lib/crypto/keyset.ts'
import { AtprotoAuthError, type ErrorCode } from '../../../../lib/errors.ts'
import { type Did, parseDid } from '../../../../lib/identity/syntax.ts'
import type { GuardedFetch } from '../../../../lib/net/guarded-fetch.ts'
import { verifyIssuer } from '../../../../lib/oauth/tokens/verify-issuer.ts'
import { refusalOf } from '../../../support/refusal.ts'
import { createContext, NOW, PDS, sessionRow } from '../../../support/unit/context.ts'
import { ALICE } from '../../../support/unit/names.ts'

const DAY_MS = 24 * 3_600_000
const jwk = await generatePrivateJwk()
const html = (status = 200) =>
  new Response('<p>Maintenance', { status, headers: { 'content-type': 'text/html' } })
const failing =
  (code: ErrorCode): GuardedFetch =>
  () =>
    Promise.reject(new AtprotoAuthError(code, 'no answer'))

/** The verification of alice, last verified that long ago, when every request is answered so. */
function verify(fetch: GuardedFetch, agoMs: number, did: Did = ALICE) {
  return verifyIssuer(sessionRow(jwk, { did, verifiedAt: NOW - agoMs }), createContext({ fetch }))
}

describe('verifyIssuer', () => {
  const silences: readonly (readonly [string, GuardedFetch])[] = [
    ['a network error', failing('network_error')],
    ['a timeout', failing('timeout')],
    ['status 503', async () => new Response('', { status: 503 })],
    ['status 500', async () => new Response('', { status: 500 })],
    ['status 403, as of a bot check', async () => new Response('', { status: 403 })],
    ['status 429', async () => new Response('', { status: 429 })],
    ['a page in place of the directory', async () => html()],
    ['a page with status 404 in place of the directory', async () => html(404)],
    ['JSON in place of a document', async () => Response.json({ error: 'InternalServerError' })],
  ]
  it.each(silences)('RF-5 trusts what it saw last for a day and no longer after %s', async (_, fetch) => {
    const before = { hasMoved: false, pds: PDS, verifiedAt: NOW - DAY_MS + 1 }
    expect(await verify(fetch, DAY_MS - 1)).toEqual(before)
    expect(await refusalOf(verify(fetch, DAY_MS))).toMatchObject({
      name: 'TokenRefreshError',
      did: ALICE,
      retryable: true,
      cause: expect.any(AtprotoAuthError),
    })
  })

  const answers: readonly (readonly [string, GuardedFetch])[] = [
    ['status 404', async () => new Response('', { status: 404 })],
    ['status 410', async () => new Response('', { status: 410 })],
    ['a document without a PDS', async () => Response.json({ id: ALICE })],
    ['an address that is not for strangers', failing('blocked_address')],
    ['more than it reads', failing('response_too_large')],
  ]
  it.each(answers)(
    'RF-5 trusts nothing after %s: no token is sent, and the session is kept',
    async (_, fetch) => {
      expect(await refusalOf(verify(fetch, 0))).toMatchObject({
        name: 'TokenRefreshError',
        did: ALICE,
        retryable: true,
        cause: expect.any(AtprotoAuthError),
      })
    },
  )

  const WEB = parseDid('did:web:alice.dev')

  it.each(silences.filter(([what]) => !what.includes('in place of')))(
    'RF-5 trusts what it saw last of a did:web for a day, too, after %s',
    async (_, fetch) => {
      expect(await verify(fetch, DAY_MS - 1, WEB)).toMatchObject({ hasMoved: false })
      expect(await refusalOf(verify(fetch, DAY_MS, WEB))).toMatchObject({ name: 'TokenRefreshError' })
    },
  )

  it.each([...answers, ['a page', async () => html()] as const])(
    'RF-5 trusts nothing of a did:web after %s',
    async (_, fetch) => {
      expect(await refusalOf(verify(fetch, 0, WEB))).toMatchObject({ name: 'TokenRefreshError', did: WEB })
    },
  )
})
