/** A bridge from WebSockets to a TCP port of this machine, as the proxy of Neon is in front of its databases. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { WebSocketServer } from 'ws'

export interface WebSocketBridge {
  readonly port: number
  stop(): Promise<void>
}

/** @param targetPort what every WebSocket is connected with */
export async function startWebSocketBridge(targetPort: number): Promise<WebSocketBridge> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  server.on('connection', (socket) => {
    const upstream = connect(targetPort, '127.0.0.1')
    socket.on('message', (data) => void upstream.write(Buffer.isBuffer(data) ? data : Buffer.alloc(0)))
    upstream.on('data', (chunk) => socket.send(chunk))
    for (const end of ['close', 'error'] as const) {
      socket.on(end, () => upstream.destroy())
      upstream.on(end, () => socket.close())
    }
  })
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('a WebSocket server has an address')
  return {
    port: address.port,
    async stop() {
      for (const client of server.clients) client.terminate()
      server.close()
      await once(server, 'close')
    },
  }
}
