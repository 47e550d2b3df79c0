/** The few verbs of Express that the official examples use, on node:http. */
import { createServer, type Server } from 'node:http'

export interface Request {
  readonly url: string
  on(event: 'close', listener: () => void): unknown
}

export interface Response {
  json(value: unknown): void
  redirect(url: URL | string): void
}

type Handler = (request: Request, response: Response, next: (error: unknown) => void) => unknown

export interface App {
  get(path: string, handler: Handler): void
  /** What a handler gave to `next`, newest last. */
  readonly errors: readonly unknown[]
  readonly server: Server
}

export function express(): App {
  const handlers = new Map<string, Handler>()
  const errors: unknown[] = []
  const server = createServer((request, response) => {
    const { url = '/' } = request
    const handler = handlers.get(url.split('?')[0] ?? '')
    if (!handler) return void response.writeHead(404).end()
    handler(
      Object.assign(request, { url }),
      {
        json: (value) =>
          void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value)),
        redirect: (target) => void response.writeHead(302, { location: String(target) }).end(),
      },
      (error) => {
        errors.push(error)
        response.writeHead(500).end()
      },
    )
  })
  return { get: (path, handler) => void handlers.set(path, handler), errors, server }
}
