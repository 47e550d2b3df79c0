/** Where an application wants its visitors to return to, and a warning when they do not get there. */
import 'server-only'
import { MAX_RETURN_TO, parseReturnTo } from '../../web/return-to.ts'
import { sharedState } from '../process/shared-state.ts'
import type { Config } from './load-config.ts'

const SHOWN = 100

/**
 * `safeReturnTo` with the library's own routes excluded. Warns of a path that is refused, once per process for each
 * reason, because any visitor can send one.
 */
export function readReturnTo(
  input: unknown,
  fallback: string,
  { paths, log }: Pick<Config, 'paths' | 'log'>,
): string {
  const parsed = parseReturnTo(input, paths.base)
  if ('path' in parsed) return parsed.path
  const { refused } = parsed
  const { logged } = sharedState()
  const key = `returnTo ${refused}`
  if (refused === 'missing' || logged.has(key)) return fallback
  logged.add(key)
  log.warnOnce(
    refused === 'too_long'
      ? `A returnTo is longer than ${MAX_RETURN_TO} characters, so the visitor goes to ${fallback} instead. It begins with ${beginningOf(input)}.`
      : 'A returnTo was refused, because it is not a path of this application that starts with one slash, or leads to the handlers.',
  )
  return fallback
}

/** Without the query, which can contain secrets, and in printable ASCII. */
function beginningOf(input: unknown): string {
  const [path = ''] = String(input).split(/[?#]/)
  return JSON.stringify(path.slice(0, SHOWN)).replaceAll(
    /[^ -~]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
