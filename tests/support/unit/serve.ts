/** Loopback HTTP servers that end with the test that started them. */
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { closeServer, listenOnLoopback, portOf } from '../network/loopback-server.ts'

export interface Served {
  readonly origin: string
  readonly port: number
  /** How many TCP connections were opened to it. */
  connections(): number
}

/** Serves on a free port of 127.0.0.1 until the running test is over. */
export async function serve(handler: RequestListener): Promise<Served> {
  const server = createServer(handler)
  // Before anything is awaited: afterwards a concurrent test may be the running one.
  onTestFinished(() => closeServer(server))
  let connections = 0
  server.on('connection', () => {
    connections += 1
  })
  await listenOnLoopback(0, server)
  const port = portOf(server)
  return { origin: `http://127.0.0.1:${port}`, port, connections: () => connections }
}

/** The body of an incoming request. */
export function bodyOf(request: IncomingMessage): Promise<string> {
  return text(request)
}
