/** A private key by the name that users of @atproto/jwk-jose know, for ES256 alone: what AT Protocol sign-in needs. */
import { exportJWK } from 'jose/key/export'
import { ConfigurationError } from '../errors.ts'
import { type ClientJwk, parseClientJwk } from './jwk.ts'
import { keysIn } from './key-text.ts'
import { generatePrivateJwk, importSigningKey, type PrivateJwk, type PublishedJwk } from './keyset.ts'

/** A private key as JWK, with the id and algorithm that it is used by. */
export interface NamedPrivateJwk extends PrivateJwk {
  readonly kid: string
  readonly alg: 'ES256'
}

/** A private ES256 key with an id. Printed or made JSON of, it shows its public half only. */
export class JoseKey {
  readonly kid: string
  readonly #jwk: PrivateJwk

  /** Use one of the static methods: they check what comes in. */
  private constructor(jwk: PrivateJwk, kid: string) {
    this.#jwk = jwk
    this.kid = kid
  }

  /**
   * The key in a PEM text (PKCS#8 or SEC1), a JWK or its JSON text, or a `CryptoKey` or `KeyObject` of the
   * platform that may be exported.
   *
   * @param kid id of the key; default the one in the JWK, or else its RFC 7638 thumbprint
   * @throws ConfigurationError that shows nothing of the key
   */
  static async fromImportable(input: string | object, kid?: string): Promise<JoseKey> {
    const [key, ...others] = await keysIn(await exported(input))
    if (others.length > 0) throw new ConfigurationError('One key was expected, but several came.')
    return JoseKey.#named(parseClientJwk(key, 'The key'), kid)
  }

  /** As `fromImportable`, of a JWK or its JSON text alone. */
  static async fromJWK(input: string | object, kid?: string): Promise<JoseKey> {
    if (typeof input === 'string' && !input.trimStart().startsWith('{'))
      throw new ConfigurationError('The text is not a JSON Web Key.')
    return JoseKey.fromImportable(input, kid)
  }

  /**
   * A new key.
   *
   * @param algorithms which it may be for, ES256 among them
   * @param kid id of the key; default its RFC 7638 thumbprint
   * @throws ConfigurationError when ES256 is not among them
   */
  static async generate(algorithms: readonly string[] = ['ES256'], kid?: string): Promise<JoseKey> {
    if (!algorithms.includes('ES256'))
      throw new ConfigurationError(`Only ES256 keys are made here, not ${algorithms.join(', ') || 'none'}.`)
    return JoseKey.#named({ jwk: await generatePrivateJwk(), kid: undefined }, kid)
  }

  static async #named({ jwk, kid }: ClientJwk, given: string | undefined): Promise<JoseKey> {
    if (given !== undefined && kid !== undefined && given !== kid)
      throw new ConfigurationError(`The key says that its kid is ${kid}, but ${given} was given.`)
    const name = parseClientJwk({ ...jwk, kid: given ?? kid }, 'The key').kid
    const { jkt } = await importSigningKey(jwk).catch((cause: unknown) => {
      throw new ConfigurationError('The key is not a valid point of P-256.', { cause })
    })
    return new JoseKey(jwk, name ?? jkt)
  }

  get alg(): 'ES256' {
    return 'ES256'
  }

  get algorithms(): readonly ['ES256'] {
    return ['ES256']
  }

  get isPrivate(): true {
    return true
  }

  /** The whole key: to be kept secret. */
  get privateJwk(): NamedPrivateJwk {
    return { ...this.#jwk, kid: this.kid, alg: 'ES256' }
  }

  /** What of the key is published. */
  get publicJwk(): PublishedJwk {
    const { kty, crv, x, y } = this.#jwk
    return { kty, crv, x, y, kid: this.kid, alg: 'ES256', use: 'sig' }
  }

  /** The public half: a key that gets into a log or an answer by mistake gives nothing away. */
  toJSON(): PublishedJwk {
    return this.publicJwk
  }

  [Symbol.for('nodejs.util.inspect.custom')](): object {
    return { JoseKey: this.publicJwk }
  }
}

/** Keys of the platform become JWKs; everything else stays as it is. */
async function exported(input: string | object): Promise<unknown> {
  try {
    if (input instanceof CryptoKey) return await exportJWK(input)
    if (typeof input === 'object' && 'export' in input && typeof input.export === 'function')
      return input.export({ format: 'jwk' })
    return input
  } catch (cause) {
    throw new ConfigurationError('The key may not be exported: make it extractable.', { cause })
  }
}
