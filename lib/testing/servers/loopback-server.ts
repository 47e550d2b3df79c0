/** HTTP servers that only this machine can reach. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { Socket } from 'node:net'

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

/** Closes a server with its idle and busy connections, and does nothing when it is closed already. */
export async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

/** Cuts the connection without an answer, as a crashed server or a broken line does. */
export function dropConnection(socket: Socket): void {
  socket.resetAndDestroy()
}

function isAddressInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}
