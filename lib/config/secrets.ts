/** The secrets that seal cookies and rows of the store, from ATPROTO_SECRET or the option `secret`. */
import { ConfigurationError } from '../errors.ts'

/** At least one secret, the newest first. The first one seals; all of them open. */
export type Secrets = readonly [string, ...string[]]

/** The advice of messages about missing secrets and keys. */
export const CREATE_FIX = 'Run "npx next-atproto-auth keys" to create one.'

/** The secrets in an environment variable: separated by commas, the newest first. Undefined when there is none. */
export function parseSecrets(text: string | undefined): Secrets | undefined {
  const parts = (text ?? '').split(',').map((secret) => secret.trim())
  const [newest, ...older] = parts.filter(Boolean)
  return newest === undefined ? undefined : [newest, ...older]
}

/**
 * @param value text of an environment variable, or the secrets
 * @returns undefined when there is no secret on a loopback address, where one is generated
 * @throws ConfigurationError when a secret is missing or too weak
 */
export function readSecrets(
  value: string | Secrets | undefined,
  { isLoopback }: { readonly isLoopback: boolean },
): Secrets | undefined {
  const secrets = typeof value === 'object' ? value : parseSecrets(value)
  if (!secrets && !isLoopback) throw new ConfigurationError(`ATPROTO_SECRET is missing. ${CREATE_FIX}`)
  // A short secret, or a few repeated characters, can be guessed, and every session with it.
  const isWeak = secrets?.some((secret) => secret.length < 32 || new Set(secret).size < 10)
  if (isWeak)
    throw new ConfigurationError(
      `ATPROTO_SECRET is too weak: it needs at least 32 random characters. ${CREATE_FIX}`,
    )
  return secrets
}
