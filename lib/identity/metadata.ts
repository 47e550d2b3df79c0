/** Well-known metadata documents of PDSes and authorization servers, read strictly: 200, JSON, no redirect. */
import type { z } from 'zod'
import { OAuthResolverError } from '../errors.ts'
import { readJson } from '../net/read-json.ts'
import { askStranger, type BudgetDeps } from './budget.ts'

/**
 * The document of that name at the origin, as the schema reads it.
 *
 * @throws OAuthResolverError `server_unavailable` when there was no proper answer, `server_not_conforming` when
 *   it was another one than the schema demands
 */
export async function getMetadata<T>(
  origin: string,
  { name, schema }: { readonly name: string; readonly schema: z.ZodType<T> },
  deps: BudgetDeps,
  signal?: AbortSignal,
): Promise<T> {
  const endpoint = `${origin}/.well-known/${name}`
  const headers = new Headers({ accept: 'application/json' })
  const response = await askStranger(new URL(endpoint), { headers, signal }, deps).catch((cause: unknown) => {
    signal?.throwIfAborted()
    throw new OAuthResolverError('server_unavailable', `${origin} did not answer.`, { cause, endpoint })
  })
  const { status } = response
  if (status !== 200) {
    const code = status >= 500 || status === 429 ? 'server_unavailable' : 'server_not_conforming'
    const message = `${endpoint} was answered with status ${status}, expected 200.`
    throw new OAuthResolverError(code, message, { status, endpoint })
  }
  return readJson(response, schema, endpoint).catch((cause: unknown) => {
    const detail = cause instanceof Error ? cause.message : 'unreadable'
    throw new OAuthResolverError('server_not_conforming', detail, { cause, endpoint })
  })
}
