/**
 * What a sign-in remembers for the application until the callback. It is stored with the sign-in as the client's
 * `state` option, which is not the OAuth parameter `state`.
 */
import 'server-only'
import { z } from 'zod'

export interface AppState {
  /** Path of the application to return to. */
  readonly returnTo: string
  /** The scope that a page asked for beyond the usual one. The browser returns to the page only once it is granted. */
  readonly scope?: string | undefined
  /** What the user entered, for the field of the form if the sign-in fails. Earlier versions neither write nor read it. */
  readonly identifier?: string | undefined
  /** `off` when the browser runs no scripts. Earlier versions neither write nor read it. */
  readonly scripts?: 'off' | undefined
  /** The user of the application that the account is connected to; undefined in a sign-in. */
  readonly link?: string | undefined
}

const schema = z.object({
  returnTo: z.string(),
  scope: z.string().optional(),
  identifier: z.string().optional(),
  scripts: z.literal('off').optional().catch(undefined),
  link: z.string().optional(),
})

export function encodeAppState(appState: AppState): string {
  return JSON.stringify(appState)
}

/** What `encodeAppState` wrote; undefined for any other text. */
export function decodeAppState(text: string | null | undefined): AppState | undefined {
  try {
    return schema.parse(JSON.parse(text ?? ''))
  } catch {
    return undefined
  }
}
