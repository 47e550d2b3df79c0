/**
 * JWE in compact form (RFC 7516 §3.1) with a shared key (`dir`) and A256GCM (RFC 7518 §4.5, §5.3), and no other kind. It
 * uses node:crypto: Web Crypto works on another thread, which takes ten times as long for a text of some kilobytes, and a
 * process with many sessions opens one for nearly every request. Other libraries read and write the same texts.
 */
import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto'

/** What a text is sealed with, and for; authenticated with it. */
export interface JweHeader {
  readonly alg: 'dir'
  readonly enc: 'A256GCM'
  /** Id of the key. */
  readonly kid: string
  /** Hash of the context. */
  readonly ctx: string
}

const CIPHER = 'aes-256-gcm'
/** In bytes (NIST SP 800-38D §8.2.1). */
const IV_LENGTH = 12
/** In bytes: never a shorter one, which is easier to guess (NIST SP 800-38D §5.2.1.2, RFC 7518 §5.3). */
const TAG_LENGTH = 16

/** Returns the compact JWE of a text. */
export function encryptCompact(plaintext: string, header: JweHeader, key: KeyObject): string {
  const head = Buffer.from(JSON.stringify(header)).toString('base64url')
  const iv = randomBytes(IV_LENGTH)
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_LENGTH })
  cipher.setAAD(Buffer.from(head))
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()])
  const [ivText, cipherText, tagText] = [iv, ciphertext, cipher.getAuthTag()].map((part) =>
    part.toString('base64url'),
  )
  // The second part is that of an encrypted key; there is none.
  return `${head}..${ivText}.${cipherText}.${tagText}`
}

/**
 * Returns the text of a compact JWE, with its header.
 *
 * @param keyOf the key with that id
 * @throws when it is malformed or of another kind, when there is no such key, or when it was altered
 */
export function decryptCompact(
  jwe: string,
  keyOf: (kid: string) => KeyObject | undefined,
): { readonly plaintext: string; readonly header: JweHeader } {
  const [head = '', encryptedKey, iv, ciphertext, tag, ...more] = jwe.split('.', 6)
  if (encryptedKey !== '' || more.length > 0) throw new TypeError('Not a compact JWE with a shared key.')
  const header = headerOf(jwe)
  const key = keyOf(header.kid)
  if (!key) throw new TypeError('The text was sealed with an unknown key.')
  const decipher = createDecipheriv(CIPHER, key, bytesOf(iv, IV_LENGTH), { authTagLength: TAG_LENGTH })
  decipher.setAAD(Buffer.from(head))
  decipher.setAuthTag(bytesOf(tag, TAG_LENGTH))
  const plaintext = Buffer.concat([decipher.update(bytesOf(ciphertext)), decipher.final()])
  return { plaintext: plaintext.toString(), header }
}

/**
 * Returns the header of a compact JWE, which is anyone's until the text has been decrypted.
 *
 * @throws when it is that of another kind of JWE. Extensions count as such (RFC 7516 §4.1.3, §4.1.13)
 */
export function headerOf(jwe: string): JweHeader {
  const [head] = jwe.split('.', 1)
  const header: unknown = JSON.parse(bytesOf(head).toString())
  if (typeof header !== 'object' || header === null || 'crit' in header || 'zip' in header)
    throw new TypeError('Not a header of this library.')
  const { alg, enc, kid, ctx }: Partial<Record<keyof JweHeader, unknown>> = header
  if (alg !== 'dir' || enc !== 'A256GCM' || typeof kid !== 'string' || typeof ctx !== 'string')
    throw new TypeError('Not a header of this library.')
  return { alg, enc, kid, ctx }
}

/** The bytes of a part, which has one spelling: Node would skip padding, unknown characters and bits left over. */
function bytesOf(part = '', length?: number): Buffer {
  const bytes = Buffer.from(part, 'base64url')
  if (bytes.toString('base64url') !== part || bytes.length !== (length ?? bytes.length))
    throw new TypeError('Malformed part of a JWE.')
  return bytes
}
