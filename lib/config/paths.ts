/** The paths of the application that the library uses. */

/**
 * Path of the client metadata document. Its URL is the `client_id`, so the path never changes; for exactly this path,
 * consent screens show the bare domain (atproto.com/specs/oauth, "Client ID Metadata Document").
 */
export const METADATA_PATH = '/oauth-client-metadata.json'

/** Each starts with exactly one slash. All but `prefix` are written as in the application's code, without `prefix`. */
export interface Paths {
  /** Next's `basePath`, which precedes every path in the browser; empty when there is none. */
  readonly prefix: string
  /** Where the handlers are mounted. */
  readonly base: string
  readonly signInPage: string
  readonly afterSignIn: string
  readonly afterSignOut: string
}

interface PathOptions {
  readonly basePath?: string | undefined
  readonly signInPage?: string | undefined
  readonly afterSignIn?: string | undefined
  readonly afterSignOut?: string | undefined
}

/**
 * @param options paths that were checked by the options' schema
 * @param publicUrl from `readPublicUrl`
 */
export function readPaths(options: PathOptions, publicUrl: string): Paths {
  const { basePath: base = '/oauth', afterSignIn = '/', afterSignOut = '/' } = options
  const { signInPage = `${base}/login` } = options
  const prefix = new URL(publicUrl).pathname.replace(/\/$/, '')
  return { prefix, base, signInPage, afterSignIn, afterSignOut }
}
