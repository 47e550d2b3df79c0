/**
 * Several `createAtprotoAuth()` in one process. One at each address is as many applications; at one address they are
 * the same client with the same cookie, however many there are, and have to agree on what that rests on.
 */
import 'server-only'
import type { Paths } from '../../config/paths.ts'
import type { Scopes } from '../../config/scopes.ts'
import type { Secrets } from '../../config/secrets.ts'
import { sha256 } from '../../crypto/hash.ts'

/** What authorization servers and browsers know an application by. */
export interface Instance {
  /** With Next's `basePath`. */
  readonly publicUrl: string
  readonly paths: Paths
  readonly scopes: Scopes
  readonly secrets: Secrets
}

/** The first instance at each address, by the address; its secrets as a hash. */
export type Neighbours = Map<string, Readonly<Record<string, string>>>

/** What is to be said when another instance at that address differs; undefined when they agree, or there is none. */
export function complainAboutNeighbour(instance: Instance, neighbours: Neighbours): string | undefined {
  const { publicUrl, paths, scopes, secrets } = instance
  const own = { basePath: paths.base, scope: scopes.declared, secret: sha256(secrets.join('\n')) }
  const first = neighbours.get(publicUrl)
  if (!first) neighbours.set(publicUrl, own)
  const [name] = Object.entries(own).find(([key, value]) => first && first[key] !== value) ?? []
  return (
    name &&
    `Two createAtprotoAuth() at ${publicUrl} differ in ${name}: they are one client with one cookie, so sign-ins of one of them fail or end those of the other.`
  )
}
