/**
 * The names under which a browser on this machine reaches a loopback address. Their cookies are separate. Imported by the
 * middleware: runs on the edge.
 */

const names = ['localhost', '127.0.0.1', '[::1]'] as const

/** `Host` of requests that reach a loopback URL by another name than its own, at the same port. */
export function otherLoopbackHosts({ hostname, port }: Pick<URL, 'hostname' | 'port'>): readonly string[] {
  return names.filter((name) => name !== hostname).map((name) => (port === '' ? name : `${name}:${port}`))
}

/**
 * Parameter of the login route with which the middleware moves a visitor to the public host. Next.js makes its own
 * redirect from localhost to 127.0.0.1 a relative one, which stays at localhost; it leaves those of a route alone.
 */
export const CHANGE_HOST = 'changeHost'
