/** A private ES256 key with the class name and methods of `@atproto/jwk-jose`. */
import { exportJWK } from 'jose/key/export'
import { ConfigurationError } from '../errors.ts'
import { type ClientJwk, parseClientJwk } from './jwk.ts'
import { generatePrivateJwk, importSigningKey, type PrivateJwk, type PublishedJwk } from './keyset.ts'
import { keysIn } from './read-private-keys.ts'

/** A private key as JWK, with its id and algorithm. */
export interface NamedPrivateJwk extends PrivateJwk {
  readonly kid: string
  readonly alg: 'ES256'
}

/** A private ES256 key with an id. When it is printed or converted to JSON, only the public key is shown. */
export class JoseKey {
  readonly kid: string
  readonly #jwk: PrivateJwk

  /** Use one of the static methods, which validate the key. */
  private constructor(jwk: PrivateJwk, kid: string) {
    this.#jwk = jwk
    this.kid = kid
  }

  /**
   * Imports a key from a PEM text (PKCS#8 or SEC1), a JWK or its JSON text, or an extractable `CryptoKey` or
   * `KeyObject`.
   *
   * @param kid id of the key; default the one in the JWK, otherwise its RFC 7638 thumbprint
   * @throws ConfigurationError; the message shows nothing of the key
   */
  static async fromImportable(input: string | object, kid?: string): Promise<JoseKey> {
    const [key, ...others] = await keysIn(await exportIfNeeded(input))
    if (others.length > 0) throw new ConfigurationError('Expected one key, got several.')
    return JoseKey.#named(parseClientJwk(key, 'The key'), kid)
  }

  /** Like `fromImportable`, but accepts only a JWK or its JSON text. */
  static async fromJWK(input: string | object, kid?: string): Promise<JoseKey> {
    if (typeof input === 'string' && !input.trimStart().startsWith('{'))
      throw new ConfigurationError('The text is not a JSON Web Key.')
    return JoseKey.fromImportable(input, kid)
  }

  /**
   * Generates a key.
   *
   * @param algorithms the acceptable algorithms, which must include ES256 (the default)
   * @param kid id of the key; default its RFC 7638 thumbprint
   * @throws ConfigurationError when `algorithms` lacks ES256
   */
  static async generate(algorithms: readonly string[] = ['ES256'], kid?: string): Promise<JoseKey> {
    if (!algorithms.includes('ES256'))
      throw new ConfigurationError(
        `Only ES256 keys can be generated; the algorithms were: ${algorithms.join(', ') || 'none'}.`,
      )
    return JoseKey.#named({ jwk: await generatePrivateJwk(), kid: undefined }, kid)
  }

  static async #named({ jwk, kid }: ClientJwk, expectedKid: string | undefined): Promise<JoseKey> {
    if (expectedKid !== undefined && kid !== undefined && expectedKid !== kid)
      throw new ConfigurationError(`The kid in the key is ${kid}, but the argument is ${expectedKid}.`)
    const name = parseClientJwk({ ...jwk, kid: expectedKid ?? kid }, 'The key').kid
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

  /** The complete key. Keep it secret. */
  get privateJwk(): NamedPrivateJwk {
    return { ...this.#jwk, kid: this.kid, alg: 'ES256' }
  }

  /** The public key, as it is published in a JWKS. */
  get publicJwk(): PublishedJwk {
    const { kty, crv, x, y } = this.#jwk
    return { kty, crv, x, y, kid: this.kid, alg: 'ES256', use: 'sig' }
  }

  /** Returns the public key, so that a key in a log or a response by mistake reveals nothing. */
  toJSON(): PublishedJwk {
    return this.publicJwk
  }

  [Symbol.for('nodejs.util.inspect.custom')](): object {
    return { JoseKey: this.publicJwk }
  }
}

/** Converts a `CryptoKey` or `KeyObject` to a JWK; returns anything else unchanged. */
async function exportIfNeeded(input: string | object): Promise<unknown> {
  try {
    if (input instanceof CryptoKey) return await exportJWK(input)
    if (typeof input === 'object' && 'export' in input && typeof input.export === 'function')
      return input.export({ format: 'jwk' })
    return input
  } catch (cause) {
    throw new ConfigurationError('The key cannot be exported. Create it with extractable: true.', { cause })
  }
}
