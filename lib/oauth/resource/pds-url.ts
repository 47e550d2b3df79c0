/** Where calls go: to the PDS and nowhere else. */
import { AtprotoAuthError } from '../../errors.ts'

/** The same path on the PDS. Never by resolving: the path `//host` would be read as another host. */
export function withPds({ pathname, search }: URL, pds: string): URL {
  const url = new URL(pds)
  url.pathname = pathname
  url.search = search
  return url
}

/**
 * The URL, if it stays on the PDS: `//host`, `/\host` and absolute URLs would carry the token away.
 *
 * @throws AtprotoAuthError `foreign_origin`
 */
export function urlOnPds(pathname: string, pds: string): URL {
  const url = URL.parse(pathname, pds)
  if (url?.href.startsWith(`${pds}/`)) return url
  throw new AtprotoAuthError('foreign_origin', `This session sends requests only to ${pds}.`)
}
