/** What a sign-in under way remembers for the application: where to go afterwards, and what has to be granted for it. */
import 'server-only'
import { z } from 'zod'

export interface FlowState {
  /** Path of the application. */
  readonly returnTo: string
  /** What was asked for beyond a sign-in, for a page that needs it; the browser goes there only once it is granted. */
  readonly scope?: string | undefined
}

const schema = z.object({ returnTo: z.string(), scope: z.string().optional() })

export function writeFlowState(state: FlowState): string {
  return JSON.stringify(state)
}

/** What `writeFlowState` wrote; undefined for any other text. */
export function readFlowState(text: string | null | undefined): FlowState | undefined {
  try {
    return schema.parse(JSON.parse(text ?? ''))
  } catch {
    return undefined
  }
}
