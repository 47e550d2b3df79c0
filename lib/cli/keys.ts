/** `next-atproto-auth keys`: a new secret and a new client key, as lines for an environment file. */
import { randomToken } from '../crypto/derive.ts'
import { generatePrivateJwk, importKeyset } from '../crypto/keyset.ts'

/** Two lines, `ATPROTO_SECRET=…` and `ATPROTO_CLIENT_KEYS=…`; whoever reads them can act as the application. */
export async function generateKeys(): Promise<string> {
  const jwk = await generatePrivateJwk()
  const { active } = await importKeyset(jwk)
  const jwks = { keys: [{ ...jwk, kid: active.kid }] }
  return `ATPROTO_SECRET=${randomToken()}\nATPROTO_CLIENT_KEYS='${JSON.stringify(jwks)}'\n`
}
