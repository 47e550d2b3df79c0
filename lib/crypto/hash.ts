/**
 * Hashes on the spot, by Node: what the client hashes is short, and Web Crypto's way over another thread costs
 * many times the hash. What also runs on the edge takes `sha256` of `derive.ts`.
 */
import { createHmac, hash } from 'node:crypto'

/** The base64url SHA-256 of a text's UTF-8 bytes: 43 characters, no padding. */
export function sha256(text: string): string {
  return hash('sha256', text, 'base64url')
}

/** The base64url HMAC-SHA-256 of a text's UTF-8 bytes. */
export function hmacSha256(key: Uint8Array, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url')
}
