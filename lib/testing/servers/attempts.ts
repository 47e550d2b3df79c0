/** Sign-ins under way at a scripted authorization server: pushed requests and the codes they lead to. */
import { createHash, randomUUID } from 'node:crypto'
import { type Grant, type Grants, type Holder, requireSame } from './grants.ts'
import { Refusal } from './request-checks.ts'

interface PushedRequest {
  readonly holder: Holder
  readonly params: URLSearchParams
}

export interface Attempts {
  /** Keeps the parameters; the `request_uri` for them. */
  push(holder: Holder, params: URLSearchParams): string
  /** The parameters that were pushed; throws Refusal when there are none. */
  params(requestUri: string | null): URLSearchParams
  /** A code for what was pushed. */
  approve(requestUri: string | null, did: string): string
  /** The grant for a code, which works once. */
  redeem(holder: Holder, form: URLSearchParams): Grant
  /** Forgets a code. */
  spend(code: string): void
}

/**
 * Starts without any.
 *
 * @param grantedScope what is granted for what was asked for
 */
export function createAttempts(
  grants: Grants,
  grantedScope: (asked: string) => string = (asked) => asked,
): Attempts {
  const pushed = new Map<string, PushedRequest>()
  const codes = new Map<string, { readonly request: PushedRequest; readonly did: string }>()
  const find = (requestUri: string | null): PushedRequest => {
    const request = pushed.get(requestUri ?? '')
    if (!request) throw new Refusal('invalid_request', 'The browser came with an unknown request_uri.')
    return request
  }

  return {
    push(holder, params) {
      const uri = `urn:ietf:params:oauth:request_uri:${randomUUID()}`
      pushed.set(uri, { holder, params })
      return uri
    },
    params: (requestUri) => find(requestUri).params,
    approve(requestUri, did) {
      const code = grants.createSecret('code')
      codes.set(code, { request: find(requestUri), did })
      return code
    },
    redeem(holder, form) {
      const code = form.get('code') ?? ''
      const entry = codes.get(code)
      if (!entry) throw new Refusal('invalid_grant', 'the code is unknown or used')
      codes.delete(code)
      const { request, did } = entry
      requireSame(request.holder, holder)
      requireProof(request.params, form)
      return grants.issue({ holder, did, scope: grantedScope(request.params.get('scope') ?? '') })
    },
    spend: (code) => void codes.delete(code),
  }
}

/** PKCE (RFC 7636 §4.6) and the redirect URI (RFC 6749 §4.1.3). */
function requireProof(pushed: URLSearchParams, form: URLSearchParams): void {
  const verifier = form.get('code_verifier') ?? ''
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  if (pushed.get('code_challenge_method') !== 'S256' || challenge !== pushed.get('code_challenge'))
    throw new Refusal('invalid_request', 'the code_verifier is wrong')
  if (form.get('redirect_uri') !== pushed.get('redirect_uri'))
    throw new Refusal('invalid_request', 'the redirect_uri is another than at the start')
}
