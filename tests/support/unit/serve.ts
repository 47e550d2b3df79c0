/** Loopback HTTP servers that end with the test, or the tests, that started them. */
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, onTestFinished } from 'vitest'
import { closeServer, listenOnLoopback, portOf } from '../network/loopback-server.ts'

export interface Served {
  readonly origin: string
  readonly port: number
  /** How many TCP connections were opened to it. */
  connections(): number
}

/** Serves on a free port of 127.0.0.1 until the running test is over. */
export function serve(handler: RequestListener): Promise<Served> {
  return startServing(handler, onTestFinished)
}

/**
 * Gives a `serve` to the tests of a `describe.concurrent`. It serves until all of them are over: which one is the
 * running test, Vitest does not know there.
 */
export function serveSeveral(): typeof serve {
  const closings: (() => Promise<void>)[] = []
  afterAll(async () => void (await Promise.all(closings.map((close) => close()))))
  return (handler) => startServing(handler, (close) => void closings.push(close))
}

async function startServing(
  handler: RequestListener,
  closeLater: (close: () => Promise<void>) => void,
): Promise<Served> {
  const server = createServer(handler)
  closeLater(() => closeServer(server))
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
