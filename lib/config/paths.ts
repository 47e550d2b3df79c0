/** The paths of the application that the library knows. */

/** Its URL is the client_id, so it never changes; consent screens show the bare domain for this very path. */
export const METADATA_PATH = '/oauth-client-metadata.json'

/** Paths of the application, each starting with exactly one slash; as in its own code, all but `prefix` go without that. */
export interface Paths {
  /** Next's `basePath`, empty without one: what browsers see before every path. */
  readonly prefix: string
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
 * @param options paths that the options' schema has let pass
 * @param publicUrl from `readPublicUrl`
 */
export function readPaths(options: PathOptions, publicUrl: string): Paths {
  const { basePath: base = '/oauth', afterSignIn = '/', afterSignOut = '/' } = options
  const { signInPage = `${base}/login` } = options
  const prefix = new URL(publicUrl).pathname.replace(/\/$/, '')
  return { prefix, base, signInPage, afterSignIn, afterSignOut }
}
