/** Errors of calls say which account they were for: a job makes calls for many. */
import { AtprotoAuthError } from '../../errors.ts'
import type { Did } from '../../identity/syntax.ts'

/** The error of one call, which no other caller holds, with the account that the call was for, unless it names one. */
export function forAccount(error: unknown, did: Did): unknown {
  if (error instanceof AtprotoAuthError && error.did === undefined) Object.assign(error, { did })
  return error
}
