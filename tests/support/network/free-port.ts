import { once } from 'node:events'
import { createServer } from 'node:net'

// Systems give ports from 32768 up (Linux) or 49152 up (the others) to whoever asks for any, also to each outgoing
// connection: a port from there can be taken between the moment it was found free and its use.
const LOWEST = 20_000
const HIGHEST = 31_999
const TRIES = 50

const handedOut = new Set<number>()

/** A port of 127.0.0.1 on which nothing listens, and which the system gives to no one who asks for any port. */
export async function findFreePort(): Promise<number> {
  for (let n = 0; n < TRIES; n++) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST + 1))
    if (!handedOut.has(port) && (await isFree(port))) {
      handedOut.add(port)
      return port
    }
  }
  throw new Error(`no port between ${LOWEST} and ${HIGHEST} is free`)
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return false
    throw error
  }
  server.close()
  await once(server, 'close')
  return true
}
