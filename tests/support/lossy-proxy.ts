/** A TCP proxy that can lose an answer: the server has done what it was told, and the client never learns it. */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export interface LossyProxy {
  readonly port: number
  /** Cuts the connection instead of passing on the next thing that the server says. */
  loseNextAnswer(): void
  /** Cuts every connection now, whatever the server is doing for it. */
  cut(): void
  /** How many answers were lost. */
  readonly lost: number
  stop(): Promise<void>
}

/** @param port of the server on this machine */
export async function startLossyProxy(port: number): Promise<LossyProxy> {
  const sockets = new Set<Socket>()
  let isArmed = false
  let lost = 0
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1')
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
    client.on('data', (chunk) => upstream.write(chunk))
    upstream.on('data', (chunk) => {
      if (!isArmed) return void client.write(chunk)
      isArmed = false
      lost += 1
      client.destroy()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('a TCP server has an address')
  return {
    port: address.port,
    loseNextAnswer() {
      isArmed = true
    },
    cut() {
      for (const socket of sockets) socket.destroy()
    },
    get lost() {
      return lost
    },
    async stop() {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}
