/** The keys that cookies are sealed with: one for each secret and purpose. Imported by the middleware. */
import * as base64url from 'jose/base64url'
import type { Secrets } from '../config/secrets.ts'
import { type DerivedKey, deriveKeys } from '../crypto/derive.ts'

/** What a seal is for; a seal for one purpose does not open for another. Part of the key derivation: never changes. */
export type SealPurpose = 'session cookie' | 'flow cookie'

/** One key, in the form that iron-session takes. */
export interface SealKey {
  readonly kid: string
  /**
   * Written into each seal. iron-session numbers its passwords; this number is a hash of the key, so it survives a
   * rotation.
   */
  readonly id: string
  readonly password: string
}

/** The key of the newest secret first. */
export type SealKeys = readonly [SealKey, ...SealKey[]]

/** Derived once for each list of secrets, and not for every request. */
const derivedKeys = new WeakMap<Secrets, Map<SealPurpose, Promise<SealKeys>>>()

export function sealKeys(secrets: Secrets, purpose: SealPurpose): Promise<SealKeys> {
  const byPurpose = derivedKeys.get(secrets) ?? new Map<SealPurpose, Promise<SealKeys>>()
  derivedKeys.set(secrets, byPurpose)
  const keys = byPurpose.get(purpose) ?? deriveSealKeys(secrets, purpose)
  byPurpose.set(purpose, keys)
  return keys
}

async function deriveSealKeys(secrets: Secrets, purpose: SealPurpose): Promise<SealKeys> {
  const [newest, ...older] = await deriveKeys(secrets, purpose)
  return [toSealKey(newest), ...older.map(toSealKey)]
}

function toSealKey({ kid, bytes }: DerivedKey): SealKey {
  const id = base64url.decode(kid).reduce((number, byte) => (number * 256 + byte) % 2 ** 32, 0)
  return { kid, id: String(id), password: base64url.encode(bytes) }
}
