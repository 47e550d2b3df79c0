/** Searches handles that begin with a text, on a public AppView (`app.bsky.actor.searchActorsTypeahead`). */
import { pictureUrl } from '../parts/web-address.ts'

const ANSWER_LIMIT_MS = 5_000
const MAX_NAME_LENGTH = 64
const handleSyntax = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/i

/** A suggested account. */
export interface HandleSuggestion {
  readonly handle: string
  readonly displayName: string | undefined
  /** An https address. */
  readonly avatar: string | undefined
}

/** The settings of the search. */
export interface HandleSearch {
  /** Origin of the AppView. */
  readonly appView: string
  readonly limit: number
  readonly minLength: number
}

/** Returns the query for a typed text, or undefined when the text is too short or cannot be a handle. */
export function toQuery(text: string, minLength: number): string | undefined {
  const query = text.trim().replace(/^@/, '')
  return query.length < minLength || /[\s:/]/.test(query) ? undefined : query
}

/**
 * Searches accounts, best match first. Resolves to an empty list if anything fails: the user can always type the whole
 * handle.
 */
export async function searchHandles(
  query: string,
  { appView, limit }: HandleSearch,
  signal: AbortSignal,
): Promise<readonly HandleSuggestion[]> {
  const url = new URL('/xrpc/app.bsky.actor.searchActorsTypeahead', appView)
  url.search = new URLSearchParams({ q: query, limit: String(limit) }).toString()
  try {
    const response = await fetch(url, {
      // The AppView receives only the typed text: no cookie, and no address of the page.
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_LIMIT_MS)]),
    })
    return response.ok ? parseSuggestions(await response.json()).slice(0, limit) : []
  } catch {
    // Aborted, offline, blocked by a policy, not JSON: suggestions are optional and fail silently.
    return []
  }
}

/** Returns the usable accounts in a response of any shape. */
export function parseSuggestions(answer: unknown): readonly HandleSuggestion[] {
  const actors = fieldOf(answer, 'actors')
  if (!Array.isArray(actors)) return []
  const suggestions = actors.flatMap((actor: unknown) => {
    const handle = textOf(actor, 'handle')
    // An AppView shows `handle.invalid` for a handle that does not resolve to its account.
    if (handle === undefined || !handleSyntax.test(handle) || handle.endsWith('.invalid')) return []
    const displayName = textOf(actor, 'displayName')?.trim().slice(0, MAX_NAME_LENGTH) || undefined
    const avatar = textOf(actor, 'avatar')
    return [{ handle, displayName, avatar: avatar?.startsWith('/') ? undefined : pictureUrl(avatar) }]
  })
  return [...new Map(suggestions.map((suggestion) => [suggestion.handle, suggestion])).values()]
}

function textOf(value: unknown, name: string): string | undefined {
  const text = fieldOf(value, name)
  return typeof text === 'string' ? text : undefined
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined
}
