/** The options of a sign-in, in the words of OAuth and OpenID Connect. */
import { ConfigurationError } from '../../errors.ts'
import { cleanText } from '../../untrusted-text.ts'

export interface AuthorizeOptions {
  /** Any text; `callback` returns it. It stays on the server. */
  readonly state?: string | undefined
  /** What to ask for: part of the client metadata's scope; default all of it. */
  readonly scope?: string | undefined
  /**
   * What the server asks the user: `none` nothing (silent sign-in; the server may answer `login_required` or
   * `consent_required`), `login` the password again, `consent` the permissions again, `select_account` which
   * account, `create` to sign up (the sign-in then begins with the address of the server).
   */
  readonly prompt?: Prompt | undefined
  /** Seconds after the last password entry from which on the server asks for it again. */
  readonly max_age?: number | undefined
  /** Languages for the server's pages, the preferred first, space-separated BCP 47 tags. */
  readonly ui_locales?: string | undefined
  readonly display?: Display | undefined
  /** Where the browser comes back to: one of the client metadata's `redirect_uris`; default the first. */
  readonly redirect_uri?: string | undefined
  /** Aborts the look-ups and the request before the browser is sent away. */
  readonly signal?: AbortSignal | undefined
}

export type Prompt = 'none' | 'login' | 'consent' | 'select_account' | 'create'
export type Display = 'page' | 'popup' | 'touch' | 'wap'
/** How the browser brings the answer back (OAuth 2.0 Multiple Response Type Encoding Practices §2.1). */
export type ResponseMode = 'query' | 'fragment' | 'form_post'

const prompts: ReadonlySet<unknown> = new Set<Prompt>([
  'none',
  'login',
  'consent',
  'select_account',
  'create',
])
const displays: ReadonlySet<unknown> = new Set<Display>(['page', 'popup', 'touch', 'wap'])

/** The redirect URI to use: a client with several has to name one (RFC 6749 §3.1.2.3). */
export function redirectUriOf(
  requested: string | undefined,
  declared: readonly [string, ...string[]],
): string {
  if (requested === undefined) return declared[0]
  if (declared.includes(requested)) return requested
  throw new TypeError(`redirect_uri ${requested} is not one of the client metadata: ${declared.join(', ')}.`)
}

/** The options that are sent to the server as they are; nothing else of an options object is. */
export function parametersOf({
  prompt,
  display,
  max_age,
  ui_locales,
}: AuthorizeOptions): Readonly<Record<string, string>> {
  if (prompt !== undefined && !prompts.has(prompt)) throw new TypeError(`prompt cannot be ${prompt}.`)
  if (display !== undefined && !displays.has(display)) throw new TypeError(`display cannot be ${display}.`)
  if (max_age !== undefined && !(Number.isSafeInteger(max_age) && max_age >= 0)) {
    throw new TypeError('max_age has to be a whole number of seconds.')
  }
  return {
    ...(prompt !== undefined && { prompt }),
    ...(display !== undefined && { display }),
    ...(max_age !== undefined && { max_age: String(max_age) }),
    ...(ui_locales !== undefined && { ui_locales }),
  }
}

/**
 * The scope to ask for.
 *
 * @throws ConfigurationError when it is not part of what the metadata declares: the server would refuse it with an
 *   error that the user cannot do anything about
 */
export function scopeOf(requested: string | undefined, declared: string): string {
  if (requested === undefined) return declared
  const known = new Set(declared.split(' '))
  const scopes = requested.split(' ').filter(Boolean)
  const unknown = scopes.find((scope) => !known.has(scope))
  if (unknown !== undefined) {
    throw new ConfigurationError(
      `The scope ${JSON.stringify(cleanText(unknown) ?? '')} is requested, but the client metadata does not declare it.`,
    )
  }
  if (!scopes.includes('atproto')) throw new ConfigurationError('A requested scope must contain "atproto".')
  return scopes.join(' ')
}
