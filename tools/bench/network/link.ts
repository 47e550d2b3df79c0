/**
 * A network link to a local server: a TCP proxy that makes every round trip take a given time, the one that opens a
 * connection too, and counts connections and bytes. TLS passes through it, so handshakes cost what they would.
 */
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { Traffic } from './traffic.ts'

export interface LinkOptions {
  /** Port of the server behind the link. */
  readonly target: number
  /** One round trip, in milliseconds; asked at each connection. */
  readonly roundTripMs: () => number
  /** Connections and bytes of both directions are added here. */
  readonly traffic: Traffic
}

/** Opens a link on a free port of 127.0.0.1. */
export async function startLink({ target, roundTripMs, traffic }: LinkOptions): Promise<Server> {
  const link = createServer({ allowHalfOpen: true }, (near) => {
    traffic.connections += 1
    const roundTrip = roundTripMs()
    const far = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true })
    // The kernel has accepted the connection at once; over a real link that takes one round trip.
    const opensAt = performance.now() + roundTrip
    forward(near, far, { opensAt, delayMs: roundTrip / 2, traffic })
    forward(far, near, { opensAt, delayMs: roundTrip / 2, traffic })
  }).listen(0, '127.0.0.1')
  await once(link, 'listening')
  return link
}

interface Direction {
  readonly opensAt: number
  readonly delayMs: number
  readonly traffic: Traffic
}

function forward(from: Socket, to: Socket, { opensAt, delayMs, traffic }: Direction): void {
  from.setNoDelay(true)
  let queue = Promise.resolve()
  const deliver = (action: () => void) => {
    const arrivesAt = Math.max(performance.now(), opensAt) + delayMs
    queue = queue.then(async () => {
      const waitMs = arrivesAt - performance.now()
      if (waitMs > 0) await pause(waitMs)
      action()
    })
  }
  from.on('data', (chunk) => {
    traffic.bytes += chunk.length
    deliver(() => to.destroyed || to.write(chunk))
  })
  from.on('end', () => deliver(() => to.end()))
  // Either side may reset a connection; the other one then sees it closed.
  from.on('error', () => {})
  from.on('close', () => deliver(() => to.destroy()))
}
