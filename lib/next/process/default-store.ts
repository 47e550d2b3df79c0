/** The store of an application that names none: it is opened once it is needed. */
import 'server-only'
import type { Store } from '../../store/contract.ts'
import { openStore } from '../../store/open-store.ts'
import { chooseStore } from '../../store/store-choice.ts'
import { dataDirectory } from './data-directory.ts'

/**
 * Opens what the environment asks for.
 *
 * @throws ConfigurationError; StoreUnavailableError when the file cannot be made
 */
export async function openDefaultStore(): Promise<Store> {
  return openStore(chooseStore(process.env), dataDirectory)
}
