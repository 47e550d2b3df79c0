/** The client of an application as its own configuration makes it, from the same options, without Next.js. */
import { readKeys } from '../../config/client-keys.ts'
import { METADATA_PATH, readPaths } from '../../config/paths.ts'
import { checkReach, isPrivateName, readPublicUrl } from '../../config/public-url.ts'
import { readScopes } from '../../config/scopes.ts'
import { readSecrets, type Secrets } from '../../config/secrets.ts'
import type { Keyset } from '../../crypto/keyset.ts'
import { ConfigurationError } from '../../errors.ts'
import { buildClientMetadata, type ClientMetadata, isLoopbackUrl } from '../../oauth/client-metadata/build.ts'

/** The options of the application that decide which sessions it takes for its own: as in `createAtprotoAuth`. */
export interface TestedApplication {
  /** The address at which the application runs: of this machine, or under `.internal`, `.home.arpa` or `.alt`. */
  readonly publicUrl: string
  /** The application's own `scope`; default `atproto`. */
  readonly scope?: string | undefined
  /** The application's own `signInScope`: what the session is granted; default all of `scope`. */
  readonly signInScope?: string | undefined
  /** The application's own `basePath`; default `/oauth`. */
  readonly basePath?: string | undefined
  /** Default the one that the application has generated in its data directory. */
  readonly secret?: string | Secrets | undefined
  /** Needed where the address is no loopback address. */
  readonly clientKeys?: unknown
}

export interface TestedClient {
  readonly publicUrl: string
  readonly metadata: ClientMetadata
  readonly keyset: Keyset | undefined
  /** Undefined on a loopback address without a secret. */
  readonly secrets: Secrets | undefined
  /** What a sign-in is granted. */
  readonly grantedScope: string
  readonly isLoopback: boolean
}

/**
 * Reads the options.
 *
 * @throws ConfigurationError when they are wrong, or the address is one that strangers reach
 */
export async function readTestedApplication(application: TestedApplication): Promise<TestedClient> {
  const publicUrl = readPublicUrl(application.publicUrl)
  const isLoopback = isLoopbackUrl(publicUrl)
  if (!isLoopback && !isPrivateName(new URL(publicUrl).hostname)) {
    throw new ConfigurationError(
      `Sessions without a sign-in are for tests on this machine, but publicUrl is ${publicUrl}.`,
    )
  }
  // Judges the name localhost, too.
  checkReach(publicUrl, { plcDirectory: '', handleResolver: '' })
  const scopes = readScopes(application)
  const paths = readPaths(application, publicUrl)
  return {
    publicUrl,
    isLoopback,
    grantedScope: scopes.signIn,
    secrets: readSecrets(application.secret, { isLoopback }),
    keyset: isLoopback ? undefined : await readKeys(application.clientKeys),
    metadata: buildClientMetadata({
      publicUrl,
      scope: scopes.declared,
      metadataPath: METADATA_PATH,
      jwksPath: `${paths.base}/jwks.json`,
      callbackPath: `${paths.base}/callback`,
    }),
  }
}
