/** Which host and port could not be reached: for messages, so without user, password, path and query. */

/** Errors that lie deeper, or that lead back to themselves, are read this far. */
const MAX_ERRORS = 20
const plainName = /^[\w.-]{1,253}$/
const plainAddress = /^[\w.:%-]{1,100}$/

/**
 * Host and port that Node.js could not connect to, as it notes them in its error, or the name that it could not look up;
 * undefined when neither this error nor one below it says so. The last attempt counts.
 */
export function addressInError(error: unknown): string | undefined {
  const errors = new Set<unknown>([error])
  let address: string | undefined
  for (const link of errors) {
    if (!(link instanceof Error)) continue
    address = addressOf(link) ?? address
    const attempts: readonly unknown[] = link instanceof AggregateError ? link.errors : []
    for (const cause of [link.cause, ...attempts]) if (errors.size < MAX_ERRORS) errors.add(cause)
  }
  return address
}

function addressOf(error: Error): string | undefined {
  const { syscall, hostname, address, port }: Error & SystemFacts = error
  if (syscall === 'getaddrinfo') return isText(hostname, plainName) ? hostname : undefined
  // A socket of a path has no port.
  if (syscall !== 'connect' || typeof port !== 'number' || !isText(address, plainAddress)) return undefined
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

interface SystemFacts {
  readonly syscall?: unknown
  readonly hostname?: unknown
  readonly address?: unknown
  readonly port?: unknown
}

function isText(value: unknown, pattern: RegExp): value is string {
  return typeof value === 'string' && pattern.test(value)
}

/** Host and port of a URL; undefined where it has no host, or perhaps means another one. */
export function addressInUrl(text: string, defaultPort: number): string | undefined {
  const url = URL.parse(text)
  if (!url?.hostname || hasStrayAt(url)) return undefined
  if (url.searchParams.has('host') || url.searchParams.has('port')) return undefined
  return `${url.hostname}:${url.port || defaultPort}`
}

/**
 * Whether an `@` follows what looks like the host of a URL. With a password in which `#`, `/` or `?` is not encoded, that is
 * the user, and what looks like the port is the beginning of the password.
 */
export function hasStrayAt({ pathname, search, hash }: URL): boolean {
  // The value of a parameter may have one.
  return `${pathname}${hash}`.includes('@') || /^\?[^=]*@/.test(search)
}
