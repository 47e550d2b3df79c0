/** Requests as an attacker sends them: the path goes out as it is written, which `fetch` would put in order first. */
import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { text } from 'node:stream/consumers'

export interface RawRequest {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface RawResponse {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface RawSender extends Disposable {
  /** Follows no redirect. */
  send(request: RawRequest): Promise<RawResponse>
}

/** @param origin of a server over http, such as `http://127.0.0.1:3000` */
export function createRawSender(origin: string): RawSender {
  const { hostname, port } = new URL(origin)
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  return {
    async send({ method = 'GET', path, headers = {} }) {
      const { promise, resolve, reject } = Promise.withResolvers<RawResponse>()
      const outgoing = request({ agent, hostname, port, method, path, headers })
      outgoing.on('error', reject).on('response', (response) => {
        const { statusCode: status = 0, headers: received } = response
        text(response).then((body) => resolve({ status, headers: received, body }), reject)
      })
      outgoing.end()
      return promise
    },
    [Symbol.dispose]: () => agent.destroy(),
  }
}
