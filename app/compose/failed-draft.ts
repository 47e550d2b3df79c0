/**
 * Gives what `composePost` returned to the page that is rendered in the same request, which is the answer to a form that
 * no script has sent. React would do it by itself, but Next renders pages with `cacheComponents` by resuming a prerender,
 * and a resumed one gets no form state (vercel/next.js#92992).
 */
import 'server-only'
import { headers } from 'next/headers'
import type { AttachedPicture } from './picture-limits.ts'

/** What the action that writes a post returns when it fails. */
export interface ComposeState {
  /** What was typed, so that it is not lost after an error. */
  readonly text: string
  /** What has been uploaded, for the same reason. */
  readonly pictures: readonly AttachedPicture[]
  readonly error?: string
  /** The DID that the next attempt is for, where the form did not name one. */
  readonly account?: string
}

// Next makes an instance of this module for each bundle; the symbol lets them share one map.
const key = Symbol.for('next-atproto/failed-drafts')

/** Keeps the state until the request has been answered. */
export async function keepFailedDraft(state: ComposeState): Promise<void> {
  // The object is the same everywhere in a request, and garbage after it.
  drafts().set(await headers(), state)
}

/** What the action of this request returned; undefined when there was none. */
export async function readFailedDraft(): Promise<ComposeState | undefined> {
  return drafts().get(await headers())
}

function drafts(): WeakMap<object, ComposeState> {
  const known: unknown = Reflect.get(globalThis, key)
  if (known instanceof WeakMap) return known
  const made = new WeakMap<object, ComposeState>()
  Reflect.set(globalThis, key, made)
  return made
}
