/** Who sent a request, as far as browsers tell: the CSRF and prefetch checks of our routes (RFC 10017, "CSRF"). */
import { AtprotoAuthError } from '../errors.ts'

/** Whether Next's router or the browser asks ahead of a click that may never come; also HEAD, which runs GET handlers. */
export function isSpeculative(request: Request): boolean {
  const { headers, method } = request
  return (
    method === 'HEAD' ||
    headers.has('rsc') ||
    headers.has('next-router-prefetch') ||
    headers.has('x-middleware-prefetch') ||
    headers.get('purpose') === 'prefetch' ||
    // Also `prefetch;prerender`: a page that may never be shown must not begin a sign-in. The click then navigates.
    /\bprefetch\b/.test(headers.get('sec-purpose') ?? '')
  )
}

/**
 * Whether one of this application's own pages sent the form. Fetch metadata decides where the browser sends it:
 * pages cannot forge it. Without it the Origin has to be ours; without either the request is refused.
 */
export function isFromOwnPage(headers: Pick<Headers, 'get'>, publicUrl: string): boolean {
  const site = headers.get('sec-fetch-site')
  if (site !== null) return site === 'same-origin'
  return headers.get('origin') === publicUrl
}

/** Whether another site's page made the browser send the request, as far as the browser says. */
export function isFromElsewhere(headers: Pick<Headers, 'get'>, publicUrl: string): boolean {
  const site = headers.get('sec-fetch-site')
  if (site !== null) return site !== 'same-origin' && site !== 'none'
  const origin = headers.get('origin')
  return origin !== null && origin !== publicUrl
}

/** Whether a navigation began on one of our own pages, or with the person's own hands in the address bar. */
export function isOwnNavigation(request: Request): boolean {
  const { headers } = request
  const site = headers.get('sec-fetch-site')
  // An image or a fetch on one of our pages is no navigation, whoever put it there.
  if (headers.get('sec-fetch-mode') !== 'navigate' || headers.get('sec-fetch-dest') !== 'document')
    return false
  return site === 'same-origin' || site === 'none'
}

/**
 * For changes that the application's own code makes.
 *
 * @throws AtprotoAuthError `request_refused` when another site's page made the browser send the request
 */
export function refuseForeignRequest(headers: Pick<Headers, 'get'>, publicUrl: string): void {
  if (isFromElsewhere(headers, publicUrl))
    throw new AtprotoAuthError('request_refused', 'The request was caused by a page of another site.')
}
