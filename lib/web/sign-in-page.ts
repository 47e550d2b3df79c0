/** The plain sign-in page, for applications that have none: a form, an error, no script. */
import type { Paths } from '../config/paths.ts'
import { signInErrorReference } from './error-reference.ts'
import { escapeHtml, page, referenceLine } from './responses.ts'
import { safeReturnTo } from './return-to.ts'
import { isIdentifierError, signInErrorMessage } from './sign-in-error.ts'

/** What was typed is shown again up to this length. */
export const MAX_IDENTIFIER = 512
/** A longer scope is left out, because a part of it would be a different scope. */
const MAX_SCOPE = 8_192

/** What the query of the sign-in page contains. */
export interface SignInHints {
  /** A `SignInErrorCode`; may be any text that a visitor put there. */
  readonly error?: string | undefined
  /** Of the failure, for the page and the log; may be any text that a visitor put there. */
  readonly errorReference?: string | undefined
  /** Shown in the form's field. */
  readonly identifier?: string | undefined
  /** Path to return to after the sign-in. */
  readonly returnTo?: string | undefined
  /** Scope to ask for instead of the usual one. */
  readonly scope?: string | undefined
  /** `off` when the browser runs no scripts. */
  readonly scripts?: 'off' | undefined
}

/** What the plain page shows besides the form. */
export interface SignInPageOptions {
  /** Origins of the servers where it offers to create an account. */
  readonly signUpHosts?: Iterable<string>
  /** Whether an account is signed in already. */
  readonly isSignedIn?: boolean
  /** Whether an account was signed in before the scope was changed in development. */
  readonly hasChangedScope?: boolean
}

/**
 * The path of the page that shows a sign-in its form and its error: the application's own, but the plain one without
 * scripts. An application's page may show an error only with an inline script, as all that depends on its query does under
 * `cacheComponents`.
 */
export function signInPageFor(
  { signInPage, base }: Paths,
  { scripts }: Pick<SignInHints, 'scripts'>,
): string {
  return scripts === 'off' ? `${base}/login` : signInPage
}

/** The path of the sign-in page with the hints in its query, without Next's `basePath`. */
export function signInPath(paths: Paths, hints: SignInHints): string {
  const query = new URLSearchParams()
  if (hints.error) query.set('error', hints.error)
  if (hints.identifier) query.set('identifier', hints.identifier.slice(0, MAX_IDENTIFIER))
  if (hints.returnTo && hints.returnTo !== paths.afterSignIn) query.set('returnTo', hints.returnTo)
  if (hints.scope && hints.scope.length <= MAX_SCOPE) query.set('scope', hints.scope)
  const errorReference = hints.error && signInErrorReference(hints.errorReference)
  if (errorReference) query.set('errorReference', errorReference)
  const page = signInPageFor(paths, hints)
  if (page !== paths.signInPage) query.set('scripts', 'off')
  return query.size > 0 ? `${page}?${query}` : page
}

/** The plain sign-in page. */
export function signInPage(
  paths: Paths,
  hints: SignInHints,
  { signUpHosts = [], isSignedIn = false, hasChangedScope = false }: SignInPageOptions = {},
): Response {
  const message = hints.error && (signInErrorMessage(hints.error) ?? signInErrorMessage('sign_in_failed'))
  const alert = message
    ? `<p role="alert" id="error">${escapeHtml(message)}</p>${referenceLine(hints.errorReference)}`
    : ''
  const invalid = isIdentifierError(hints.error) ? ' aria-invalid="true"' : ''
  const described = message ? ` aria-describedby="error"${invalid}` : ''
  const identifier = escapeHtml((hints.identifier ?? '').slice(0, MAX_IDENTIFIER))
  const action = `${escapeHtml(paths.prefix + paths.base)}/login`
  const hiddenFields = hiddenInputs({
    returnTo: safeReturnTo(hints.returnTo, paths.afterSignIn, paths.base),
    scope: hints.scope && hints.scope.length <= MAX_SCOPE ? hints.scope : undefined,
    // So that the next error is shown here again.
    scripts: signInPageFor(paths, hints) === paths.signInPage ? undefined : hints.scripts,
  })
  return page({
    status: 200,
    title: 'Sign in',
    body: `${alert}${isSignedIn ? alreadySignedIn(paths) : ''}${hasChangedScope ? CHANGED_SCOPE : ''}
<form method="post" action="${action}">
<label for="identifier">Handle or DID</label>
<input id="identifier" name="identifier" value="${identifier}" required autofocus autocomplete="username"
 autocapitalize="none" autocorrect="off" spellcheck="false" placeholder="alice.bsky.social"${described}>
${hiddenFields}
<button>Sign in</button>
</form>
<p>You enter your password on your own server's page, never here.</p>
${[...signUpHosts].map((host) => signUpForm(host, action, hiddenFields)).join('\n')}`,
  })
}

const CHANGED_SCOPE =
  '<p>The scope of this application has changed, so everybody has to sign in again. This happens in development only.</p>'

function alreadySignedIn({ prefix, afterSignIn }: Paths): string {
  const link = `<a href="${escapeHtml(prefix + afterSignIn)}">Continue</a>`
  return `<p>You are already signed in. ${link}, or sign in with another account.</p>`
}

function signUpForm(host: string, action: string, hiddenFields: string): string {
  return `<form method="post" action="${action}">
${hiddenInputs({ identifier: host, prompt: 'create' })}${hiddenFields}
<button class="plain">Create an account at ${escapeHtml(new URL(host).host)}</button>
</form>`
}

function hiddenInputs(fields: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `<input type="hidden" name="${name}" value="${escapeHtml(value ?? '')}">`)
    .join('\n')
}
