/** DNS TXT look-ups with a time limit of their own. */
import { Resolver } from 'node:dns/promises'
import { AtprotoAuthError } from '../errors.ts'

/**
 * The TXT records of a name, each with its strings joined; empty when the name has none.
 *
 * @throws AtprotoAuthError `network_error` when no name server gave an answer, `timeout` when none did in time
 */
export type ResolveTxt = (name: string) => Promise<readonly string[]>

/** A person waits for it, and the well-known file may have the answer. */
const LIMIT_MS = 2_000
const noRecord: ReadonlySet<unknown> = new Set(['ENODATA', 'ENOTFOUND'])

/**
 * Look-ups by the DNS protocol, of 2 s at most.
 *
 * @param servers addresses of name servers, with port if it is not 53; default the machine's own
 */
export function createResolveTxt(servers?: readonly string[]): ResolveTxt {
  return async (name) => {
    const resolver = new Resolver({ timeout: 1_500, tries: 2 })
    if (servers) resolver.setServers(servers)
    // The resolver's limits hold for one server and one try each: with several of either they add up.
    const timer = setTimeout(() => resolver.cancel(), LIMIT_MS)
    try {
      const records = await resolver.resolveTxt(name)
      return records.map((strings) => strings.join(''))
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause && noRecord.has(cause.code)) return []
      throw new AtprotoAuthError('network_error', `The DNS gave no answer for ${name}.`, { cause })
    } finally {
      clearTimeout(timer)
    }
  }
}

/** The same look-ups, given up after 2 s whatever the resolver does: an application may have brought its own. */
export function limitTxt(resolveTxt: ResolveTxt): ResolveTxt {
  return async (name) => {
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(
      () => late.reject(new AtprotoAuthError('timeout', `The DNS was too slow with ${name}.`)),
      LIMIT_MS,
    )
    try {
      return await Promise.race([resolveTxt(name), late.promise])
    } finally {
      clearTimeout(timer)
    }
  }
}
