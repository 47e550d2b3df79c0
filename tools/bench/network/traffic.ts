/** What passed between the clients and the servers of the benchmark. */
export interface Traffic {
  requests: number
  /** TCP connections that were opened. */
  connections: number
  /** Bytes of both directions on the wire, TLS included; counted over TLS only. */
  bytes: number
}

export const noTraffic = (): Traffic => ({ requests: 0, connections: 0, bytes: 0 })

/** What was counted after `before`. */
export function trafficSince(before: Traffic, now: Traffic): Traffic {
  return {
    requests: now.requests - before.requests,
    connections: now.connections - before.connections,
    bytes: now.bytes - before.bytes,
  }
}
