/** DNS TXT look-ups with a time limit of their own. */
import { Resolver } from 'node:dns/promises'
import { AtprotoAuthError } from '../errors.ts'

/**
 * The TXT records of a name, each with its strings joined; empty when the name has none.
 *
 * @throws AtprotoAuthError `network_error` when no name server gave an answer within 3 s
 */
export type ResolveTxt = (name: string) => Promise<readonly string[]>

const noRecord: ReadonlySet<unknown> = new Set(['ENODATA', 'ENOTFOUND'])

/** @param servers addresses of name servers, with port if it is not 53; default the machine's own */
export function createResolveTxt(servers?: readonly string[]): ResolveTxt {
  const resolver = new Resolver({ timeout: 1_500, tries: 2 })
  if (servers) resolver.setServers(servers)
  return async (name) => {
    try {
      const records = await resolver.resolveTxt(name)
      return records.map((strings) => strings.join(''))
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause && noRecord.has(cause.code)) return []
      throw new AtprotoAuthError('network_error', `The DNS gave no answer for ${name}.`, { cause })
    }
  }
}
