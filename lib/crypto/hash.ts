/**
 * Synchronous hashes with node:crypto. The hashed texts are short, and Web Crypto's asynchronous hash takes many times
 * as long. Code that also runs on the edge uses `sha256Async` of `derive.ts`.
 */
import { createHmac, hash, type KeyObject } from 'node:crypto'

/** Returns the SHA-256 of the UTF-8 bytes of a text in base64url: 43 characters, no padding. */
export function sha256(text: string): string {
  return hash('sha256', text, 'base64url')
}

/** Returns the HMAC-SHA-256 of the UTF-8 bytes of a text in base64url. */
export function hmacSha256(key: KeyObject, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url')
}
