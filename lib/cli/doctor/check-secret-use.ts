/** Checks whether the store was used with the configured secrets: after a change in one step, all users are out. */
import type { Secrets } from '../../config/secrets.ts'
import { createSecretRow, otherSecretAt } from '../../oauth/records/secret-row.ts'
import type { Store } from '../../store/contract.ts'
import type { Finding } from './finding.ts'

/** The application whose sessions are in the store. */
export interface CheckedApplication {
  readonly publicUrl: string
  readonly secrets: Secrets
}

const CHECK = 'sessions'

/**
 * Reads the row that sign-ins leave, and changes nothing.
 *
 * @throws StoreUnavailableError
 */
export async function checkSecretUse(store: Store, application: CheckedApplication): Promise<Finding> {
  const { publicUrl } = application
  const use = await createSecretRow({ ...application, store, now: Date.now }).read()
  if (use === 'other_secret') return { check: CHECK, level: 'warn', ...otherSecretAt(publicUrl) }
  const message =
    use === 'absent'
      ? `no sign-in at ${publicUrl} has noted its secret in this store yet`
      : `the last sign-ins at ${publicUrl} used a secret that is configured`
  return { check: CHECK, level: 'ok', message }
}
