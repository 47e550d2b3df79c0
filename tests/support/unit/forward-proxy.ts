/** A forward proxy on loopback that opens tunnels by CONNECT, records what it is asked, and misbehaves on command. */
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { onTestFinished } from 'vitest'
import { certificateOf } from './serve-https.ts'

export interface ForwardProxy {
  readonly port: number
  /** The head of each request, as it came. */
  readonly heads: readonly string[]
  /** All bytes that went through its tunnels from the client. */
  tunnelled(): Buffer
  /** Breaks all tunnels without a word. */
  breakTunnels(): void
}

export interface ForwardProxyOptions {
  /** Port on this machine to which every tunnel leads, whatever name was asked for. */
  readonly target?: number
  /** Answers in place of a tunnel. */
  readonly answer?: (client: Socket, head: string) => void
  /** Serves TLS, with a certificate for `certifiedName`. */
  readonly isSecure?: boolean
  /** Default `localhost`. */
  readonly certifiedName?: string
}

export async function startForwardProxy(options: ForwardProxyOptions): Promise<ForwardProxy> {
  const heads: string[] = []
  const tunnelled: Buffer[] = []
  const sockets = new Set<Socket>()
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
  }
  const serve = (client: Socket) => {
    keep(client)
    client.once('data', (data) => {
      const head = data.toString('latin1')
      heads.push(head)
      if (options.answer) return options.answer(client, head)
      const upstream = connect(options.target ?? 0, '127.0.0.1')
      keep(upstream)
      upstream.on('close', () => client.destroy())
      client.on('close', () => upstream.destroy())
      client.on('data', (chunk) => {
        tunnelled.push(chunk)
        upstream.write(chunk)
      })
      upstream.on('data', (chunk) => client.write(chunk))
      upstream.on('connect', () => client.write('HTTP/1.1 200 Connection established\r\n\r\n'))
    })
  }
  const server = options.isSecure
    ? createTlsServer(await certificateOf(options.certifiedName ?? 'localhost'), serve)
    : createServer(serve)
  await listen(server)
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  return {
    port: typeof address === 'object' ? (address?.port ?? 0) : 0,
    heads,
    tunnelled: () => Buffer.concat(tunnelled),
    breakTunnels: () => {
      for (const socket of sockets) options.isSecure ? socket.destroy() : socket.resetAndDestroy()
    },
  }
}

async function listen(server: Server): Promise<void> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
}
