/** Private keys in PEM, as `openssl` writes them. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto'

export function ecKey(namedCurve = 'P-256'): KeyObject {
  return generateKeyPairSync('ec', { namedCurve }).privateKey
}

export function rsaKey(): KeyObject {
  return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
}

export function pkcs8(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

export function sec1(key: KeyObject): string {
  return key.export({ type: 'sec1', format: 'pem' }).toString()
}

export function encrypted(key: KeyObject, type: 'pkcs8' | 'sec1'): string {
  return key.export({ type, format: 'pem', cipher: 'aes-128-cbc', passphrase: 'secret' }).toString()
}

/** The base64 of a PEM text, line by line: what no message may show. */
export function secretLines(pem: string): readonly string[] {
  return pem.split('\n').filter((line) => /^[A-Za-z0-9+/=]{20,}$/.test(line))
}
