/** The secrets that cookies and rows are sealed with, from ATPROTO_SECRET. */
import { ConfigurationError } from '../errors.ts'

/** Newest first, at least one. */
export type Secrets = readonly [string, ...string[]]

/** The secrets in an environment variable: newest first, separated by commas. */
export function parseSecrets(text: string | undefined): Secrets | undefined {
  const parts = (text ?? '').split(',').map((secret) => secret.trim())
  const [newest, ...older] = parts.filter(Boolean)
  return newest === undefined ? undefined : [newest, ...older]
}

/** @returns undefined where a secret may be generated: on a loopback address that gave none */
export function readSecrets(given: string | Secrets | undefined, isLoopback: boolean): Secrets | undefined {
  const secrets = typeof given === 'object' ? given : parseSecrets(given)
  if (!secrets && !isLoopback)
    throw new ConfigurationError(
      `ATPROTO_SECRET is missing. The command "next-atproto-auth keys" of this package prints a new one.`,
    )
  // Too short, or the same few characters over and over: guessable, and with it every session.
  const isWeak = secrets?.some((secret) => secret.length < 32 || new Set(secret).size < 10)
  if (isWeak)
    throw new ConfigurationError(
      `ATPROTO_SECRET is too weak: 32 random characters at least. The command "next-atproto-auth keys" of this package prints a new one.`,
    )
  return secrets
}
