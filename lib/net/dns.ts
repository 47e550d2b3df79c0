/** DNS TXT look-ups with a time limit. */
import { Resolver } from 'node:dns/promises'
import { AtprotoAuthError } from '../errors.ts'

/**
 * Looks up the TXT records of a name and joins the strings of each record. Resolves to an empty list when the name has
 * none, or rejects like `node:dns` with the `code` ENODATA or ENOTFOUND. Any other rejection means that the name could
 * not be looked up.
 *
 * @throws AtprotoAuthError `network_error` when no name server answered, `timeout` when none answered in time
 */
export type ResolveTxt = (name: string) => Promise<readonly string[]>

/** Short, because a user is waiting and the well-known file may have the answer too. */
const LIMIT_MS = 2_000
/** The codes of c-ares (`node:dns`) for a definite no: no record of the type (NODATA), no such name (NXDOMAIN). */
const noRecord: ReadonlySet<unknown> = new Set(['ENODATA', 'ENOTFOUND'])

/**
 * Whether a look-up failed because there is definitely no record. Every other failure (SERVFAIL, REFUSED, a timeout, a
 * refused connection) says nothing about the name.
 */
export function isNoRecord(error: unknown): boolean {
  return error instanceof Error && 'code' in error && noRecord.has(error.code)
}

/**
 * Returns a look-up function that uses the DNS protocol and takes at most 2 seconds.
 *
 * @param servers IP addresses of name servers, with port if it is not 53; default those of the system
 */
export function createResolveTxt(servers?: readonly string[]): ResolveTxt {
  return async (name) => {
    const resolver = new Resolver({ timeout: 1_500, tries: 2 })
    if (servers) resolver.setServers(servers)
    // The resolver's own limits apply to each server and attempt, so they add up.
    const timer = setTimeout(() => resolver.cancel(), LIMIT_MS)
    try {
      const records = await resolver.resolveTxt(name)
      return records.map((strings) => strings.join(''))
    } catch (cause) {
      if (isNoRecord(cause)) return []
      throw new AtprotoAuthError('network_error', `DNS gave no answer for ${name}.`, { cause })
    } finally {
      clearTimeout(timer)
    }
  }
}

/** Limits any look-up function to 2 seconds; an application may pass its own, which may have no limit. */
export function limitTxt(resolveTxt: ResolveTxt): ResolveTxt {
  return async (name) => {
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(
      () => late.reject(new AtprotoAuthError('timeout', `DNS did not answer for ${name} in time.`)),
      LIMIT_MS,
    )
    try {
      return await Promise.race([resolveTxt(name), late.promise])
    } finally {
      clearTimeout(timer)
    }
  }
}
