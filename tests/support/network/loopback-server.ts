/**
 * HTTP servers that only this machine can reach. Express apps bind every interface when they are told
 * a port alone; here the socket is opened first, on 127.0.0.1, and the app is then put behind it.
 */
import type { RequestListener, Server } from 'node:http'

export {
  closeServer,
  dropConnection,
  listenOnLoopback,
  PortTakenError,
  portOf,
} from '../../../lib/testing/servers/loopback-server.ts'

/** What we need of an Express app; its own types are not installed. */
export interface ExpressApp {
  (...args: Parameters<RequestListener>): unknown
  listen: (...args: never[]) => Server
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
