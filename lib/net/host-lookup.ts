/**
 * The default look-up of host names. `dns.lookup` of Node.js keeps a thread waiting until the name servers have answered,
 * and only half of the threads of the process, usually two, may do so at a time. A visitor who names two hosts whose name servers
 * are silent would keep all other names from being looked up, for ten seconds or more. So the names of strangers are asked by
 * the DNS protocol, which needs no thread.
 */
import { type LookupAddress, lookup as systemLookup } from 'node:dns'
import { Resolver } from 'node:dns/promises'
import type { Lookup } from './checked-lookup.ts'
import { isNoRecord } from './dns.ts'

/** Less than the time of a request for a document of discovery. */
const LIMIT_MS = 4_000
/** Of a query to one name server. */
const QUERY = { timeout: 1_500, tries: 2 }

export interface HostLookupOptions {
  /** Whether the operator vouches for a name: it is then looked up by the system, which also knows local names. */
  isTrusted(hostname: string): boolean
  /** IP addresses of name servers, with port if it is not 53; default those of the system. */
  readonly servers?: readonly string[] | undefined
}

/** Returns a look-up in the form of `dns.lookup`, whose errors it gives: ENOTFOUND if there is definitely no address. */
export function createHostLookup({ isTrusted, servers }: HostLookupOptions): Lookup {
  let hasAnswered = false
  return (hostname, options, callback) => {
    if (isTrusted(hostname)) return systemLookup(hostname, options, callback)
    findAddresses(hostname, servers).then(
      (addresses) => {
        hasAnswered = true
        callback(null, [...addresses])
      },
      (error: NodeJS.ErrnoException) => {
        const { cause } = error
        hasAnswered ||= !isSilence(cause) && !isRefused(cause)
        // There is no name server that speaks to this process: the system may know another way.
        if (isRefused(cause) || !hasAnswered) systemLookup(hostname, options, callback)
        else callback(error, [])
      },
    )
  }
}

async function findAddresses(
  hostname: string,
  servers: readonly string[] | undefined,
): Promise<readonly LookupAddress[]> {
  const resolver = new Resolver(QUERY)
  if (servers) resolver.setServers(servers)
  const timer = setTimeout(() => resolver.cancel(), LIMIT_MS)
  const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)])
  clearTimeout(timer)
  const found = answers.flatMap((answer, index) =>
    answer.status === 'fulfilled'
      ? answer.value.map((address) => ({ address, family: index === 0 ? 4 : 6 }))
      : [],
  )
  if (found.length > 0) return found
  const failures = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []))
  const cause = failures.find((failure) => !isNoRecord(failure))
  // As of `dns.lookup`, which tells all but the definite no alike.
  const code = cause === undefined ? 'ENOTFOUND' : 'EAI_AGAIN'
  const facts = { code, hostname, syscall: 'getaddrinfo' }
  throw Object.assign(new Error(`The look-up of ${hostname} failed: ${code}.`, { cause }), facts)
}

/** Codes of c-ares when no name server said anything; the second is that of `cancel()`. */
const silence: ReadonlySet<unknown> = new Set(['ETIMEOUT', 'ECANCELLED'])

function isSilence(failure: unknown): boolean {
  return failure instanceof Error && 'code' in failure && silence.has(failure.code)
}

function isRefused(failure: unknown): boolean {
  return failure instanceof Error && 'code' in failure && failure.code === 'ECONNREFUSED'
}
