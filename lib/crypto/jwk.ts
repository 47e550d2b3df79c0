/** Validates private ES256 keys in JWK form (RFC 7517, RFC 7518 §6.2), and says what is wrong with other keys. */
import { z } from 'zod'
import { ConfigurationError } from '../errors.ts'

const coordinate = z.string().regex(/^[A-Za-z0-9_-]{43}$/)

/** The members of a private P-256 key; others are dropped. */
export const privateJwkSchema = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: coordinate,
  y: coordinate,
  d: coordinate,
})

/** The members of a DPoP key. Keys of the official client may use another curve. */
export const dpopJwkSchema = privateJwkSchema.extend({ crv: z.enum(['P-256', 'secp256k1']) })

const clientJwkSchema = privateJwkSchema.extend({
  kid: z.string().min(1).max(256).optional(),
  alg: z.literal('ES256').optional(),
  use: z.literal('sig').optional(),
  key_ops: z
    .array(z.string())
    .refine((operations) => operations.includes('sign'))
    .optional(),
})

/** A private key for client assertions, with its id if it has one. */
export interface ClientJwk {
  readonly jwk: z.infer<typeof privateJwkSchema>
  readonly kid: string | undefined
}

/** The advice of messages about a key of another kind. */
export const NEW_KEY_FIX = '"npx next-atproto-auth keys" prints a new one.'
const ADVICE = `AT Protocol sign-in needs private ES256 (P-256) keys. ${NEW_KEY_FIX}`
const problems: Readonly<Record<string, string>> = {
  kty: 'is not a P-256 key',
  crv: 'is not a P-256 key',
  x: 'has a malformed public half',
  y: 'has a malformed public half',
  d: 'has no private half, or a malformed one',
  kid: 'has a kid that is not a string of 1 to 256 characters',
  alg: 'is declared for an algorithm other than ES256',
  use: 'is not declared for signatures ("use")',
  key_ops: 'is not declared for signing ("key_ops")',
}

/**
 * Parses a private key that the client is to sign with.
 *
 * @param value a JWK, or an object with a JWK in `privateJwk`, such as the `Key` of @atproto/jwk
 * @param label how the error message names the key
 * @throws ConfigurationError; the message shows nothing of the key
 */
export function parseClientJwk(value: unknown, label: string): ClientJwk {
  if (value instanceof Promise) throw new ConfigurationError(`${label} is a promise: await it.`)
  const parsed = clientJwkSchema.safeParse(jwkIn(value))
  if (!parsed.success) {
    const field = String(parsed.error.issues[0]?.path[0])
    throw new ConfigurationError(`${label} ${problems[field] ?? 'is not a JSON Web Key'}. ${ADVICE}`)
  }
  const { kty, crv, x, y, d, kid } = parsed.data
  return { jwk: { kty, crv, x, y, d }, kid }
}

function jwkIn(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('privateJwk' in value)) return value
  const kid = 'kid' in value && value.kid !== undefined ? { kid: value.kid } : {}
  if (value.privateJwk) return { ...value.privateJwk, ...kid }
  return 'publicJwk' in value ? value.publicJwk : undefined
}
