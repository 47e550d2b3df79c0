/** The client's private keys, from ATPROTO_CLIENT_KEYS. */
import { importKeyset, type Keyset } from '../crypto/keyset.ts'
import { ConfigurationError } from '../errors.ts'

const FIX = 'The command "next-atproto-auth keys" of this package prints a new one.'

/** @param value JSON or PEM text, or the keys themselves: what `importKeyset` takes */
export async function readKeys(value: unknown): Promise<Keyset> {
  if (value === undefined || value === '')
    throw new ConfigurationError(`ATPROTO_CLIENT_KEYS is missing. ${FIX}`)
  try {
    return await importKeyset(value)
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    throw new ConfigurationError(`ATPROTO_CLIENT_KEYS is unusable. ${error.message}`)
  }
}
