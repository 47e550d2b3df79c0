/** The client's private keys, from ATPROTO_CLIENT_KEYS or the option `clientKeys`. */
import { importKeyset, type Keyset } from '../crypto/keyset.ts'
import { ConfigurationError } from '../errors.ts'
import { CREATE_FIX } from './secrets.ts'

/**
 * @param value JSON or PEM text, or keys, as `importKeyset` takes them
 * @throws ConfigurationError when it is missing or unusable
 */
export async function readKeys(value: unknown): Promise<Keyset> {
  if (value === undefined || value === '')
    throw new ConfigurationError(`ATPROTO_CLIENT_KEYS is missing. ${CREATE_FIX}`)
  try {
    return await importKeyset(value)
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    throw new ConfigurationError(`ATPROTO_CLIENT_KEYS is unusable. ${error.message}`)
  }
}
