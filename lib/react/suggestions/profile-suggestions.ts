/** The options of the handle suggestions. */

import { parseWebOrigin } from '../parts/web-address.ts'
import type { HandleSearch } from './handle-search.ts'

/** How handles are suggested while a person types. */
export interface SuggestionOptions {
  /**
   * Address of the AppView that is asked, from the person's own browser. Default `https://public.api.bsky.app`. A
   * Content-Security-Policy needs it in `connect-src`, and https pictures in `img-src`.
   */
  readonly appView?: string
  /** How many at most. Default 6. */
  readonly limit?: number
  /** From how many characters on. Default 2. */
  readonly minLength?: number
  /** How long the typing has to pause, in milliseconds. Default 200. */
  readonly delayMs?: number
  /** Name of the list, for screen readers. Default "Suggested accounts". */
  readonly label?: string
  /** What a screen reader says once suggestions are there; `{count}` is their number. */
  readonly announcement?: string
}

/** The options with their defaults, in the form that travels to the browser. */
export interface SuggestionSettings extends HandleSearch {
  readonly delayMs: number
  readonly label: string
  readonly announcement: string
}

/** @throws TypeError when the AppView's address is not https */
export function toSuggestionSettings(options: SuggestionOptions): SuggestionSettings {
  return {
    appView: parseWebOrigin(options.appView ?? 'https://public.api.bsky.app', 'suggestions.appView'),
    limit: options.limit ?? 6,
    minLength: options.minLength ?? 2,
    delayMs: options.delayMs ?? 200,
    label: options.label ?? 'Suggested accounts',
    announcement: options.announcement ?? 'Suggested accounts: {count}. Use the arrow keys to choose.',
  }
}
