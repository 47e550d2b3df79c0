/** What an application may wish for when a sign-in begins, in the words of OAuth and OpenID Connect. */
import { ConfigurationError } from '../../errors.ts'

export interface AuthorizeOptions {
  /** Any text of the application's; `callback` hands it back. It stays on the server. */
  readonly state?: string | undefined
  /** What to ask for; default the whole scope of the client metadata, of which it has to be a part. */
  readonly scope?: string | undefined
  /**
   * What the server is to ask the person: `none` nothing (silent sign-in; it may answer `login_required` or
   * `consent_required`), `login` the password again, `consent` the permissions again, `select_account` which
   * account, `create` to sign up (begin with the address of the server then).
   */
  readonly prompt?: Prompt | undefined
  /** Seconds since the last password entry after which the server asks for it again. */
  readonly max_age?: number | undefined
  /** Languages for the server's pages, the preferred first, space-separated BCP 47 tags. */
  readonly ui_locales?: string | undefined
  readonly display?: Display | undefined
  /** Where the browser comes back to; one of the client metadata's, default the first. */
  readonly redirect_uri?: string | undefined
  /** Gives up the look-ups before the browser is sent away. */
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

/** RFC 6749 §3.1.2: which of several redirect URIs is ours to say. */
export function redirectUriOf(
  requested: string | undefined,
  declared: readonly [string, ...string[]],
): string {
  if (requested === undefined) return declared[0]
  if (declared.includes(requested)) return requested
  throw new TypeError(`redirect_uri ${requested} is not one of the client metadata: ${declared.join(', ')}.`)
}

/** What of the options goes to the server as it is; anything else that an options object holds does not. */
export function wishesOf({
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
 * @throws ConfigurationError: asking for more than the metadata declares is refused by the server with an error the
 *   person cannot mend
 */
export function scopeOf(requested: string | undefined, declared: string): string {
  if (requested === undefined) return declared
  const known = new Set(declared.split(' '))
  const scopes = requested.split(' ').filter(Boolean)
  const unknown = scopes.find((scope) => !known.has(scope))
  if (unknown !== undefined) {
    throw new ConfigurationError(
      `The scope ${JSON.stringify(unknown)} is requested, but the client metadata does not declare it.`,
    )
  }
  if (!scopes.includes('atproto')) throw new ConfigurationError('A requested scope must hold "atproto".')
  return scopes.join(' ')
}
