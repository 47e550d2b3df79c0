/** A session whose requests end here. */
import { generatePrivateJwk } from '../../../lib/crypto/keyset.ts'
import type { GuardedRequest } from '../../../lib/net/guarded-fetch.ts'
import type { EncodedSession } from '../../../lib/oauth/records/session-row.ts'
import { OAuthSession } from '../../../lib/oauth/session/session.ts'
import { createSessionTokens } from '../../../lib/oauth/tokens/session-tokens.ts'
import { type ContextOptions, createContext, sessionRow } from './context.ts'

export const dpopJwk = await generatePrivateJwk()

export interface SentRequest {
  readonly url: URL
  readonly request: GuardedRequest
  /** The body as text. */
  readonly body: string
}

/** @param answer what every request is answered with */
export function openSession(
  answer: () => Response = () => Response.json({}),
  { row, ...options }: ContextOptions & { readonly row?: Partial<EncodedSession> } = {},
) {
  const sent: SentRequest[] = []
  const context = createContext({
    async fetch(url, request) {
      const body = await new Response(request.body as BodyInit).text()
      sent.push({ url: new URL(url), request, body })
      return answer()
    },
    ...options,
  })
  const stored = { id: 'session-id-canary', row: sessionRow(dpopJwk, row), generation: 1 }
  return { session: new OAuthSession(createSessionTokens(stored, context), context), sent, context }
}
