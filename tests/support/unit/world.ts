/**
 * A small internet for identity tests: a fetch that maps public https URLs to one real server on loopback,
 * which answers for every site that the test describes and knows nothing of the others.
 */
import type { Lookup } from '../../../lib/net/checked-lookup.ts'
import { createGuardedFetch, type GuardedFetch } from '../../../lib/net/guarded-fetch.ts'
import { serve } from './serve.ts'

export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Text as it is; anything else as JSON. */
  readonly body?: unknown
  /** Instead of an answer: why there is none. */
  readonly failure?: Failure
}

/** What a look-up of the host says, an address inside, a wrong certificate, a closed port. */
export type Failure = 'ENOTFOUND' | 'EAI_AGAIN' | 'blocked' | 'TLS' | 'closed'

export interface World {
  readonly fetch: GuardedFetch
  /** The URLs that were asked for, in order. */
  readonly asked: readonly string[]
}

/** @param sites replies by URL; at any other URL the connection is cut, as a closed port does */
export async function createWorld(sites: Readonly<Record<string, Reply>>): Promise<World> {
  const asked: string[] = []
  const { origin } = await serve((request, response) => {
    const reply = sites[String(request.headers['x-url'])]
    if (!reply) return request.socket.resetAndDestroy()
    const isText = typeof reply.body === 'string'
    response.writeHead(reply.status ?? 200, {
      'content-type': isText ? 'text/plain' : 'application/json',
      ...reply.headers,
    })
    response.end(isText ? reply.body : JSON.stringify(reply.body ?? {}))
  })
  const fetch = createGuardedFetch({ localNetwork: {} })
  return {
    asked,
    fetch(url, request) {
      asked.push(String(url))
      const { failure } = sites[String(url)] ?? {}
      if (failure === 'TLS') return fetch(origin.replace('http:', 'https:'), request)
      if (failure === 'closed') return fetch('http://127.0.0.1:2', request)
      if (failure) return createGuardedFetch({ lookup: failingLookup(failure) })(url, request)
      const headers = new Headers(request.headers)
      headers.set('x-url', String(url))
      return fetch(origin, { ...request, headers })
    },
  }
}

function failingLookup(failure: Failure): Lookup {
  return (hostname, _options, callback) =>
    failure === 'blocked'
      ? callback(null, [{ address: '10.0.0.1', family: 4 }])
      : callback(Object.assign(new Error(`getaddrinfo ${failure} ${hostname}`), { code: failure }), [])
}
