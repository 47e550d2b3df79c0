/**
 * A handle resolver in XRPC (com.atproto.identity.resolveHandle) for the whole local network. Each PDS
 * claims only its own handle domain, so a client needs one address that knows them all.
 */
import type { Server } from 'node:http'
import type { LocalPds } from './local-pds.ts'
import { listenOnLoopback } from './loopback-server.ts'

const route = '/xrpc/com.atproto.identity.resolveHandle'

/**
 * Starts the resolver. It reads the accounts of each PDS in turn from the live objects rather than over
 * HTTP: as on the real network, a handle stays known while its PDS is paused, and a test that counts a
 * PDS's requests sees those of the client alone.
 *
 * @param port 0 for a free port
 */
export async function startHandleResolver(port: number, servers: readonly LocalPds[]): Promise<Server> {
  const server = await listenOnLoopback(port)
  server.on('request', async (request, response) => {
    const answer = await resolve(new URL(request.url ?? '/', 'http://resolver.invalid'), servers)
    response.writeHead(answer.status, {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'access-control-allow-origin': '*',
    })
    response.end(JSON.stringify(answer.body))
  })
  return server
}

type Handle = `${string}.${string}`

interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, string>>
}

async function resolve(url: URL, servers: readonly LocalPds[]): Promise<Answer> {
  if (url.pathname !== route) return failure(404, 'MethodNotImplemented', 'Only resolveHandle is served here')
  const handle = url.searchParams.get('handle')?.toLowerCase()
  if (!handle || !isHandle(handle)) {
    return failure(400, 'InvalidRequest', 'The parameter "handle" must be a valid handle')
  }
  for (const server of servers) {
    const did = await findAccount(server, handle)
    if (did !== undefined) return { status: 200, body: { did } }
  }
  return failure(400, 'HandleNotFound', 'Unable to resolve handle')
}

function isHandle(value: string): value is Handle {
  return /^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(value)
}

async function findAccount(server: LocalPds, handle: Handle): Promise<string | undefined> {
  try {
    return (await server.pds.ctx.accountManager.getAccount(handle))?.did
  } catch {
    // A PDS that was stopped has closed its database: it knows nobody any more.
    return undefined
  }
}

function failure(status: number, error: string, message: string): Answer {
  return { status, body: { error, message } }
}
