/** A request as it is written: `fetch` would tidy up the path first. */
import { type IncomingHttpHeaders, request } from 'node:http'
import { buffer } from 'node:stream/consumers'

export interface RawRequest {
  readonly method?: string
  /** Path and query, sent as they are. */
  readonly path: string
  readonly headers?: IncomingHttpHeaders
  readonly body?: Uint8Array | undefined
}

export interface RawAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** Sends it to an http origin; redirects are not followed. */
export function sendRaw(
  origin: string,
  { method = 'GET', path, headers = {}, body }: RawRequest,
): Promise<RawAnswer> {
  const { hostname, port } = new URL(origin)
  const { connection: _, ...kept } = headers
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { hostname, port, method, path, headers: kept, agent: false },
      async (incoming) => {
        try {
          const { 'transfer-encoding': _t, connection: _c, 'keep-alive': _k, ...own } = incoming.headers
          resolve({ status: incoming.statusCode ?? 0, headers: own, body: await buffer(incoming) })
        } catch (error) {
          reject(error)
        }
      },
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
