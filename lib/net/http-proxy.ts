/** The option `proxy`: an HTTP proxy through which the requests leave, with its credentials. */
import { ConfigurationError } from '../errors.ts'

export interface HttpProxy {
  readonly protocol: 'http:' | 'https:'
  readonly hostname: string
  readonly port: number
  /** Scheme, host and port: what messages may show. */
  readonly origin: string
  /** The value of `Proxy-Authorization` (RFC 7617), behind a function so that no printed object shows it. */
  readonly authorization: () => string | undefined
}

/** @throws ConfigurationError when the text is no address of a proxy; the message does not quote it */
export function parseHttpProxy(text: string): HttpProxy {
  const url = URL.parse(text)
  const credentials = url && readCredentials(url)
  const isProxy = url && /^https?:$/.test(url.protocol) && url.href === `${addressOf(url)}/`
  if (!isProxy || credentials === null) {
    throw new ConfigurationError(
      'The option proxy must be the http or https address of a proxy, such as http://proxy.internal:3128 or ' +
        'http://user:password@proxy.internal:3128, with special characters of the credentials percent-encoded.',
    )
  }
  const isSecure = url.protocol === 'https:'
  return {
    protocol: isSecure ? 'https:' : 'http:',
    hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(url.port) || (isSecure ? 443 : 80),
    origin: url.origin,
    authorization: () => credentials,
  }
}

/** The address with its credentials, but without path, query and fragment. */
function addressOf({ protocol, username, password, host }: URL): string {
  const credentials = password ? `${username}:${password}@` : username && `${username}@`
  return `${protocol}//${credentials}${host}`
}

/** Undefined when there are none; null when they cannot be sent. */
function readCredentials({ username, password }: URL): string | undefined | null {
  if (!username && !password) return undefined
  try {
    const user = decodeURIComponent(username)
    // RFC 7617 §2: the first colon ends the name.
    if (user.includes(':')) return null
    return `Basic ${Buffer.from(`${user}:${decodeURIComponent(password)}`).toString('base64')}`
  } catch {
    // A percent sign that encodes nothing.
    return null
  }
}
