/**
 * HTTP servers that only this machine can reach. Express apps bind every interface when they are told
 * a port alone; here the socket is opened first, on 127.0.0.1, and the app is then put behind it.
 */
import { once } from 'node:events'
import type { RequestListener, Server } from 'node:http'
import { createServer } from 'node:http'
import type { Socket } from 'node:net'

/** What we need of an Express app; its own types are not installed. */
export interface ExpressApp {
  (...args: Parameters<RequestListener>): unknown
  listen: (...args: never[]) => Server
}

/** The port could not be had: another program holds it. `port` says which. */
export class PortTakenError extends Error {
  readonly port: number

  constructor(port: number, cause: unknown) {
    super(`Port ${port} on 127.0.0.1 is taken by another program.`, { cause })
    this.name = 'PortTakenError'
    this.port = port
  }
}

/**
 * Opens a server on 127.0.0.1 that has no handler yet.
 *
 * @param port 0 for any free port
 * @throws PortTakenError when another program listens there
 */
export async function listenOnLoopback(port: number, server: Server = createServer()): Promise<Server> {
  server.listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (error) {
    throw isAddressInUse(error) ? new PortTakenError(port, error) : error
  }
  return server
}

/** Returns the port of a listening server. */
export function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string')
    throw new TypeError('The server does not listen on TCP.')
  return address.port
}

/**
 * Makes `app.listen()` take over a server that listens already, whatever port it asks for. The firehose
 * (WebSocket upgrades) of a PDS is lost by this; nothing here needs it.
 *
 * @param handler what answers requests, when it is not the app itself
 */
export function adoptServer(app: ExpressApp, server: Server, handler: RequestListener = app): void {
  app.listen = () => {
    server.on('request', handler)
    // The callers wait for this event; the real one passed before they asked.
    process.nextTick(() => server.emit('listening'))
    return server
  }
}

/** Closes a server with its idle and busy connections, and does nothing when it is closed already. */
export async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

/** Finds a port that is free at this moment; for programs that must be told their port. */
export async function findFreePort(): Promise<number> {
  const server = await listenOnLoopback(0)
  const port = portOf(server)
  await closeServer(server)
  return port
}

/** Cuts the connection without an answer, as a crashed server or a broken line does. */
export function dropConnection(socket: Socket): void {
  socket.resetAndDestroy()
}

function isAddressInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}
