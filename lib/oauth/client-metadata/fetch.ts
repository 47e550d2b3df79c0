/** Client metadata as it is published at its client_id (draft-ietf-oauth-client-id-metadata-document §4). */
import { z } from 'zod'
import { AtprotoAuthError } from '../../errors.ts'
import type { GuardedFetch } from '../../net/guarded-fetch.ts'
import { mediaTypeOf } from '../../net/media-type.ts'
import { readJson } from '../../net/read-json.ts'
import type { ClientMetadata } from './build.ts'
import { parseClientId } from './client-id.ts'
import { completeLoopbackMetadata, isLoopbackClientId } from './loopback.ts'
import { parseClientMetadata } from './parse.ts'

export interface PublishedMetadata {
  readonly clientId: string
  readonly signal?: AbortSignal | undefined
  /** Whether the client_id may be on a network of this machine; default false. */
  readonly allowLoopback?: boolean | undefined
}

const documentSchema = z.looseObject({ client_id: z.string() })

/**
 * The metadata of that client, fetched as an authorization server does: status 200, JSON, no redirect, and the
 * document names the very URL it came from. A loopback client's is read from its id; nothing is fetched.
 *
 * @throws AtprotoAuthError `blocked_address`, `network_error`, `timeout`, `response_too_large`,
 *   `invalid_response`; ConfigurationError when no one could sign in with the client_id or the document
 */
export async function fetchClientMetadata(
  { clientId, signal, allowLoopback = false }: PublishedMetadata,
  fetch: GuardedFetch,
): Promise<ClientMetadata> {
  if (isLoopbackClientId(clientId)) return completeLoopbackMetadata({ client_id: clientId })
  const url = parseClientId(clientId, { allowLoopback })
  const headers = new Headers({ accept: 'application/json' })
  const response = await fetch(url, { kind: 'discovery', headers, signal })
  const { status } = response
  if (status !== 200 || mediaTypeOf(response.headers) !== 'application/json') {
    const type = mediaTypeOf(response.headers) === 'application/json' ? '' : ' and is not application/json'
    throw invalid(
      `${clientId} answered with status ${status}${type}; 200 with JSON was expected.`,
      url,
      status,
    )
  }
  const document = await readJson(response, documentSchema, clientId)
  if (document.client_id !== clientId)
    throw invalid(`The document at ${clientId} names another client_id.`, url, status)
  return parseClientMetadata(document, { keyset: 'unknown', allowLoopback })
}

function invalid(message: string, url: URL, status: number): AtprotoAuthError {
  return new AtprotoAuthError('invalid_response', message, { endpoint: url.origin + url.pathname, status })
}
