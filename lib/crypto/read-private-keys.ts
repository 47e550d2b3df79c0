/** Reads private keys from a JWK, a list, a JWKS, the JSON text of these, or PEM (RFC 5958, RFC 5915). */
import { exportJWK } from 'jose/key/export'
import { importPKCS8 } from 'jose/key/import'
import { ConfigurationError } from '../errors.ts'

/** DER of the algorithm identifier of P-256 keys: id-ecPublicKey with prime256v1 (RFC 5480 §2.1.1). */
const P256 = '301306072a8648ce3d020106082a8648ce3d030107'
const CONVERT = 'openssl pkcs8 -topk8 -nocrypt -in key.pem -out plain.pem'

/**
 * Returns the keys in `value`. The JWKs are not validated yet.
 *
 * @param value one key, a list or other iterable, a JWKS, or the text of one or more keys
 * @throws ConfigurationError when a text is neither JSON nor PEM of a private P-256 key; the message shows nothing of
 *   it
 */
export async function keysIn(value: unknown): Promise<readonly unknown[]> {
  const texts = typeof value === 'string' ? await readText(value) : listOf(value)
  const keys = texts.map((key) => (typeof key === 'string' ? readPem(key) : [key]))
  return (await Promise.all(keys)).flat()
}

function listOf(value: unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return [value]
  if (isIterable(value)) return [...value]
  return 'keys' in value && Array.isArray(value.keys) ? value.keys : [value]
}

function isIterable(value: object): value is Iterable<unknown> {
  return Symbol.iterator in value
}

async function readText(quoted: string): Promise<readonly unknown[]> {
  // `docker run --env-file` keeps the quotation marks of a line for an .env file.
  const text = quoted.trim().replace(/^'(.*)'$/s, '$1')
  if (text.includes('-----BEGIN ') && !/^\s*[[{]/.test(text)) return readPem(text)
  try {
    return listOf(JSON.parse(text))
  } catch {
    // The message of JSON.parse would quote the key.
    throw new ConfigurationError('The text of the client keys is neither JSON nor PEM, or it was cut off.')
  }
}

/** Reads all private keys in a PEM text. In environment files, line breaks are often written as `\n`. */
async function readPem(text: string): Promise<readonly unknown[]> {
  const lines = text.replaceAll('\\r', '').replaceAll('\\n', '\n')
  const [, ...beginnings] = lines.split('-----BEGIN ')
  // Each for itself: an expression over the whole text would look for the end of each block that has none up to the last one.
  const blocks = beginnings.map((text) => /^([A-Z0-9 ]+)-----(.*?)-----END \1-----/s.exec(text))
  if (blocks.length === 0 || blocks.includes(null))
    throw new ConfigurationError('The PEM text of the client keys was cut off.')
  const keys = blocks.map((block) => readBlock(block?.[1] ?? '', block?.[2] ?? ''))
  return (await Promise.all(keys)).flat()
}

async function readBlock(label: string, body: string): Promise<readonly unknown[]> {
  // `openssl ecparam -genkey` writes this block before the key.
  if (label === 'EC PARAMETERS') return []
  if (label === 'ENCRYPTED PRIVATE KEY' || body.includes('ENCRYPTED'))
    throw new ConfigurationError(`A client key is encrypted. Decrypt it first: ${CONVERT}`)
  if (label !== 'PRIVATE KEY' && label !== 'EC PRIVATE KEY') {
    throw new ConfigurationError(
      `A client key must be a PEM "PRIVATE KEY" of the curve P-256; this is a "${label}".`,
    )
  }
  try {
    const der = Buffer.from(body, 'base64')
    const pkcs8 = label === 'PRIVATE KEY' ? der : wrapSec1(der)
    const pem = `-----BEGIN PRIVATE KEY-----\n${pkcs8.toString('base64')}\n-----END PRIVATE KEY-----`
    return [await exportJWK(await importPKCS8(pem, 'ES256', { extractable: true }))]
  } catch (cause) {
    throw new ConfigurationError(
      'A client key in PEM is not a P-256 (ES256) key. Other kinds, such as RSA, are not supported. ' +
        'Generate one: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256',
      { cause },
    )
  }
}

/** Converts a SEC1 `ECPrivateKey` to PKCS#8. */
function wrapSec1(key: Buffer): Buffer {
  const version = Buffer.from([2, 1, 0])
  return derOf(0x30, [version, Buffer.from(P256, 'hex'), derOf(0x04, [key])])
}

function derOf(tag: number, parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  // A P-256 key is shorter than 256 bytes. Anything longer becomes malformed and is refused by the import.
  const length = content.length < 128 ? [content.length] : [0x81, content.length]
  return Buffer.concat([Buffer.from([tag, ...length]), content])
}
