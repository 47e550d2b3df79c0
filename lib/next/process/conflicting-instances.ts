/**
 * Several `createAtprotoAuth()` in one process. Instances at different addresses are different applications. Instances
 * at one address are the same OAuth client with the same cookie, so their configuration has to agree.
 */
import 'server-only'
import type { Paths } from '../../config/paths.ts'
import type { Scopes } from '../../config/scopes.ts'
import type { Secrets } from '../../config/secrets.ts'
import { sha256 } from '../../crypto/hash.ts'

/** The part of an instance's configuration that authorization servers and browsers identify it by. */
export interface Instance {
  /** With Next's `basePath`. */
  readonly publicUrl: string
  readonly paths: Paths
  readonly scopes: Scopes
  readonly secrets: Secrets
}

/** By address, what the first instance there was configured with; its secrets only as a hash. */
export type InstanceRegistry = Map<string, Readonly<Record<string, string>>>

/**
 * Registers an instance.
 *
 * @returns a warning when the first instance at that address is configured differently
 */
export function findConflict(
  { publicUrl, paths, scopes, secrets }: Instance,
  instances: InstanceRegistry,
): string | undefined {
  const settings = { basePath: paths.base, scope: scopes.declared, secret: sha256(secrets.join('\n')) }
  const first = instances.get(publicUrl)
  if (!first) instances.set(publicUrl, settings)
  const [name] = Object.entries(settings).find(([key, value]) => first && first[key] !== value) ?? []
  return (
    name &&
    `Two createAtprotoAuth() at ${publicUrl} differ in ${name}. They share one client and one cookie, so ` +
      'sign-ins of one fail or end those of the other.'
  )
}
