/** The store of an application that sets no option `store`. */
import 'server-only'
import { chooseStore } from '../../store/choose-store.ts'
import type { Store } from '../../store/contract.ts'
import { loadDriver, openStore } from '../../store/open-store.ts'
import { dataDirectory } from './data-directory.ts'

/**
 * Opens the store that the environment selects.
 *
 * @throws ConfigurationError; StoreUnavailableError when the file cannot be created
 */
export async function openDefaultStore(): Promise<Store> {
  return openStore(chooseStore(process.env), dataDirectory)
}

/**
 * Loads the driver of that store.
 *
 * @throws ConfigurationError when its package is not installed
 */
export async function loadDefaultDriver(): Promise<void> {
  await loadDriver(chooseStore(process.env))
}
