/**
 * What a local PDS was asked, so that a test can count: "exactly one refresh", "no request at all".
 * It looks at bytes on their way into the request stream and takes none of them away.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

export interface LoggedRequest {
  readonly method: string
  /** Without the query, which may hold codes and tokens. */
  readonly path: string
  /** Absent while no answer is out, and for good when the connection was cut. */
  readonly status?: number
  /** Only for POST /oauth/token, once its body has arrived. */
  readonly grantType?: string
  /** Whether an access or refresh token came with it, in a header or in the body of an OAuth request. */
  readonly hasToken?: boolean
}

type MutableEntry = { -readonly [Key in keyof LoggedRequest]: LoggedRequest[Key] }

/** Old entries are dropped beyond this number, so that a demo can run for days. */
const maxEntries = 5000
const maxBodyBytes = 64 * 1024

export class RequestLog {
  readonly #entries: MutableEntry[] = []

  /** Returns copies of the logged requests, oldest first. */
  list(): readonly LoggedRequest[] {
    return this.#entries.map((entry) => ({ ...entry }))
  }

  clear(): void {
    this.#entries.length = 0
  }

  /** Adds a request when it arrives; status and grant type are filled in as they become known. */
  add(request: IncomingMessage, response: ServerResponse): void {
    const path = new URL(request.url ?? '/', 'http://pds.invalid').pathname
    const hasToken = request.headers.authorization !== undefined
    const entry: MutableEntry = { method: request.method ?? '', path, hasToken }
    this.#entries.push(entry)
    if (this.#entries.length > maxEntries) this.#entries.shift()
    response.once('finish', () => {
      entry.status = response.statusCode
    })
    if (entry.method !== 'POST' || !path.startsWith('/oauth/')) return
    onBody(request, (body) => {
      if (/[{&"]?(refresh_)?token"?[=:]/.test(body)) entry.hasToken = true
      const grantType = path === '/oauth/token' ? readGrantType(body) : undefined
      if (grantType !== undefined) entry.grantType = grantType
    })
  }
}

/**
 * Reports the body once it is complete. Overriding `push` sees what the HTTP parser hands in, before
 * any reader; a 'data' listener would set the stream flowing and rob the PDS of its body.
 */
function onBody(request: IncomingMessage, report: (body: string) => void): void {
  const chunks: Buffer[] = []
  let size = 0
  const push = request.push.bind(request)
  request.push = (chunk: unknown, encoding) => {
    if (chunk === null) report(Buffer.concat(chunks).toString('utf8'))
    else if (chunk instanceof Uint8Array && size < maxBodyBytes) {
      chunks.push(Buffer.from(chunk))
      size += chunk.byteLength
    }
    return push(chunk, encoding)
  }
}

/** Clients of the field send the token request as a form or as JSON. */
function readGrantType(body: string): string | undefined {
  if (body.trimStart().startsWith('{')) return /"grant_type"\s*:\s*"([a-z_]+)"/.exec(body)?.[1]
  return new URLSearchParams(body).get('grant_type') ?? undefined
}
