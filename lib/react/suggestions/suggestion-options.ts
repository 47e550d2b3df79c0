/** The options of the handle suggestions, and their defaults. */
import { parseWebOrigin } from '../parts/web-address.ts'
import type { HandleSearch } from './handle-search.ts'

/** Options of the handle suggestions. */
export interface SuggestionOptions {
  /**
   * Address of the AppView, which the user's browser calls. Default `https://public.api.bsky.app`. A
   * Content-Security-Policy must allow it in `connect-src`, and https pictures in `img-src`.
   */
  readonly appView?: string
  /** Maximum number of suggestions. Default 6. */
  readonly limit?: number
  /** Minimum number of typed characters. Default 2. */
  readonly minLength?: number
  /** How long typing must pause before the search, in milliseconds. Default 200. */
  readonly delayMs?: number
  /** Name of the list, for screen readers. Default "Suggested accounts". */
  readonly label?: string
  /**
   * What a screen reader announces when suggestions are shown; `{count}` stands for their number. Default "Suggested
   * accounts: {count}. Use the arrow keys to choose."
   */
  readonly announcement?: string
}

/** The options with their defaults, as they are passed to the browser. */
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
