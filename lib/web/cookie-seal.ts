/**
 * Seals and opens cookie values with iron-session. A value that does not open was not made by this application; nothing
 * in it is used. Imported by the middleware: runs on the edge, without `node:` modules and without the store.
 */
import { sealData, unsealData } from 'iron-session'
import type { Secrets } from '../config/secrets.ts'
import { type SealPurpose, sealKeys } from './cookie-keys.ts'

/** A seal that has opened. */
export interface OpenedSeal {
  readonly content: Readonly<Record<string, unknown>>
  /** Id of the key that it was sealed with. */
  readonly kid: string
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

export interface SealOptions {
  readonly purpose: SealPurpose
  /** The first one seals. */
  readonly secrets: Secrets
  /** Lifetime in seconds. It is part of the seal, so a browser cannot extend it. */
  readonly ttlS: number
}

/** Longer than any seal made here: longer texts are rejected before any cryptography. */
const MAX_LENGTH = 2_048
/** The form of iron-session's seals. The version after `~` is not authenticated. */
const sealPattern = /^Fe26\.2(\*[\w-]*){7}~\d$/

/** The content as a cookie value, sealed with the newest secret. */
export async function sealCookie(content: object, { purpose, secrets, ttlS }: SealOptions): Promise<string> {
  const [{ id, password }] = await sealKeys(secrets, purpose)
  return sealData(content, { password: { [id]: password }, ttl: ttlS })
}

/** What a cookie value holds; undefined when it was not sealed here for this purpose, or has expired. */
export async function openCookie(
  value: string,
  purpose: SealPurpose,
  secrets: Secrets,
): Promise<OpenedSeal | undefined> {
  if (!looksLikeSeal(value)) return undefined
  const { keyId, expiresAt } = readSealHeader(value)
  // All seals made here expire.
  if (Number.isNaN(expiresAt)) return undefined
  const keys = await sealKeys(secrets, purpose)
  const key = keys.find(({ id }) => id === keyId)
  if (!key) return undefined
  const content: unknown = await unsealData(value, { password: { [key.id]: key.password } })
  if (typeof content !== 'object' || content === null) return undefined
  return { content: { ...content }, kid: key.kid, expiresAt }
}

/** Whether a text has the form of a seal. Checks no signature. */
export function looksLikeSeal(text: string): boolean {
  return text.length <= MAX_LENGTH && sealPattern.test(text)
}

/** Whether a value was sealed with the newest secret. Only meaningful for a value that opens. */
export async function hasNewestSeal(value: string, purpose: SealPurpose, secrets: Secrets): Promise<boolean> {
  const [newest] = await sealKeys(secrets, purpose)
  return readSealHeader(value).keyId === newest.id
}

/** The readable part of a seal; not authenticated until the seal has opened. */
function readSealHeader(value: string): { readonly keyId: string; readonly expiresAt: number } {
  const [, keyId = '', , , , expiration = ''] = value.split('*')
  return { keyId, expiresAt: Number.parseInt(expiration, 10) }
}
