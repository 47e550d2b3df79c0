/**
 * CSRF and prefetch checks, by the headers with which browsers say which page caused a request (Fetch Metadata,
 * `Origin`).
 */
import { AtprotoAuthError } from '../errors.ts'

/**
 * Whether the request is a prefetch by Next's router or the browser, or a HEAD request, which Next gives to GET
 * handlers.
 */
export function isSpeculative(request: Request): boolean {
  const { headers, method } = request
  return (
    method === 'HEAD' ||
    headers.has('rsc') ||
    headers.has('next-router-prefetch') ||
    headers.has('x-middleware-prefetch') ||
    headers.get('purpose') === 'prefetch' ||
    // Also `prefetch;prerender`: a page that may never be shown must not start a sign-in. The click then navigates.
    /\bprefetch\b/.test(headers.get('sec-purpose') ?? '')
  )
}

/**
 * Whether a page of this application sent the form. Decided by `Sec-Fetch-Site`, which pages cannot forge; in browsers
 * that do not send it, by `Origin`. False when both are missing.
 */
export function isFromOwnPage(headers: Pick<Headers, 'get'>, publicOrigin: string): boolean {
  const site = headers.get('sec-fetch-site')
  if (site !== null) return site === 'same-origin'
  return headers.get('origin') === publicOrigin
}

/** Whether a page of another site caused the request. False when the browser sends neither header. */
export function isFromOtherSite(headers: Pick<Headers, 'get'>, publicOrigin: string): boolean {
  const site = headers.get('sec-fetch-site')
  if (site !== null) return site !== 'same-origin' && site !== 'none'
  const origin = headers.get('origin')
  return origin !== null && origin !== publicOrigin
}

/**
 * Whether the request is a navigation from a page of this application. Not one from the address bar: a link in another
 * program looks the same.
 */
export function isOwnNavigation(request: Request): boolean {
  const { headers } = request
  const site = headers.get('sec-fetch-site')
  // An image or a fetch on a page of this application is not a navigation; an attacker may have placed it there.
  if (headers.get('sec-fetch-mode') !== 'navigate' || headers.get('sec-fetch-dest') !== 'document')
    return false
  return site === 'same-origin'
}

/**
 * For changes that the application's own code makes.
 *
 * @throws AtprotoAuthError `request_refused` when a page of another site caused the request
 */
export function refuseForeignRequest(headers: Pick<Headers, 'get'>, publicOrigin: string): void {
  if (isFromOtherSite(headers, publicOrigin))
    throw new AtprotoAuthError('request_refused', 'A page of another site caused this request.')
}
