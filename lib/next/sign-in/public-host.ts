/**
 * Sign-ins that start at another host name of the same deployment, such as localhost instead of 127.0.0.1. The callback
 * comes to the host of the public URL, and browsers do not send it the cookies of another host.
 */
import 'server-only'
import { type SignInHints, signInPath } from '../../web/sign-in-page.ts'
import type { Config } from '../config/load-config.ts'

/** Whether the request came to another host than that of the public URL. */
export function isAtOtherHost(
  headers: Pick<Headers, 'get'>,
  { otherHosts }: Pick<Config, 'otherHosts'>,
): boolean {
  return otherHosts.has(headers.get('host') ?? '')
}

/** URL of the sign-in page at the public host when the request came to another one; otherwise undefined. */
export function signInUrlAtPublicHost(
  headers: Pick<Headers, 'get'>,
  hints: SignInHints,
  { otherHosts, publicOrigin, paths }: Pick<Config, 'otherHosts' | 'publicOrigin' | 'paths'>,
): string | undefined {
  if (!isAtOtherHost(headers, { otherHosts })) return undefined
  return publicOrigin + paths.prefix + signInPath(paths, hints)
}
