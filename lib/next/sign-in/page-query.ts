/**
 * What a sign-in form left out, from the address of the page that it stands on. Under `cacheComponents`, the form in the
 * static shell of an application's own sign-in page has no query, and without scripts no other form takes its place.
 */
import 'server-only'
import type { Config } from '../config/load-config.ts'

/** Browsers send only the origin of a longer one (Referrer Policy §8.3). */
const MAX_REFERER = 4_096

/**
 * Returns the form with `returnTo` and `scope` from the `Referer`, as far as the form lacks them and the `Referer` is the
 * application's own sign-in page. They are as untrusted as the fields of a form, and checked in the same way.
 */
export function withPageQuery(
  form: URLSearchParams,
  headers: Pick<Headers, 'get'>,
  config: Pick<Config, 'publicOrigin' | 'paths'>,
): URLSearchParams {
  const query = queryOfSignInPage(headers.get('referer') ?? '', config)
  const filled = new URLSearchParams(form)
  for (const name of ['returnTo', 'scope']) {
    const [value, ...more] = query.getAll(name)
    if (!form.get(name) && value && more.length === 0) filled.set(name, value)
  }
  return filled
}

function queryOfSignInPage(
  referer: string,
  { publicOrigin, paths }: Pick<Config, 'publicOrigin' | 'paths'>,
): URLSearchParams {
  const url = referer.length > MAX_REFERER ? null : URL.parse(referer)
  const isOwnPage =
    url?.origin === publicOrigin &&
    url.username === '' &&
    url.password === '' &&
    withoutSlash(url.pathname) === withoutSlash(paths.prefix + paths.signInPage)
  return isOwnPage ? url.searchParams : new URLSearchParams()
}

/** Next's option `trailingSlash` adds one. */
function withoutSlash(path: string): string {
  return path.replace(/\/$/, '')
}
