/** The one signer of this library: ES256 JWTs, for DPoP proofs and client assertions (RFC 7519, RFC 7515). */
import type { JWTHeaderParameters, JWTPayload } from 'jose'
import { SignJWT } from 'jose/jwt/sign'
import type { SigningKey } from './keyset.ts'

/** The compact JWS of `claims`, signed with ES256 by `key`; `header` adds to `alg`. */
export function signJwt(
  key: SigningKey,
  header: Omit<JWTHeaderParameters, 'alg'>,
  claims: JWTPayload,
): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ ...header, alg: 'ES256' }).sign(key.privateKey)
}
