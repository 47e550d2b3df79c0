/** An HTTP or HTTPS server of the benchmark: it reads a request, waits, answers, and counts. It keeps no requests. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { buffer } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { closeServer, listenOnLoopback, portOf } from '../../../lib/testing/servers/loopback-server.ts'
import type { Answer, RecordedRequest } from '../../../lib/testing/servers/scripted-server.ts'
import { startLink } from './link.ts'
import type { Traffic } from './traffic.ts'

export interface BenchServerOptions {
  /** Serves https on this host, behind a link; without it plain http on 127.0.0.1. */
  readonly tls: { readonly host: string; readonly cert: string; readonly key: string } | undefined
  /** How late every answer is, on plain http, or how long a round trip takes, over TLS. */
  readonly latencyMs: () => number
  readonly traffic: Traffic
  readonly answer: (request: RecordedRequest) => Answer | Promise<Answer>
}

export interface BenchServer {
  readonly origin: string
  stop(): Promise<void>
}

/** As long as the reference PDS keeps an idle connection. */
const KEEP_ALIVE_MS = 90_000
/** Below this size the reference PDS does not compress. */
const COMPRESSED_FROM = 1024

export async function startBenchServer(options: BenchServerOptions): Promise<BenchServer> {
  const { tls, traffic, latencyMs } = options
  const server = tls ? createTlsServer(tls) : createServer()
  server.keepAliveTimeout = KEEP_ALIVE_MS
  await listenOnLoopback(0, server)
  const link = tls && (await startLink({ target: portOf(server), roundTripMs: latencyMs, traffic }))
  const address = link?.address()
  const port = typeof address === 'object' && address ? address.port : portOf(server)
  const origin = tls ? `https://${tls.host}:${port}` : `http://127.0.0.1:${port}`
  if (!tls) {
    server.on('connection', () => {
      traffic.connections += 1
    })
  }
  answerRequests(server, origin, options)
  return {
    origin,
    async stop() {
      link?.close()
      await closeServer(server)
    },
  }
}

function answerRequests(server: Server, origin: string, options: BenchServerOptions): void {
  const { tls, traffic, latencyMs, answer } = options
  server.on('request', async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    traffic.requests += 1
    try {
      const request = await read(incoming, origin)
      if (!tls && latencyMs() > 0) await pause(latencyMs())
      await send(await answer(request), incoming, outgoing)
    } catch (error) {
      // A client that hangs up is nothing to answer; a fault of this program shows as a status that no client expects.
      if (!outgoing.headersSent) outgoing.writeHead(599).end(String(error))
    }
  })
}

async function read(incoming: IncomingMessage, origin: string): Promise<RecordedRequest> {
  const body = await buffer(incoming)
  const { method = '', url: target = '', headers } = incoming
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded')
  const { dpop } = headers
  return {
    origin,
    method,
    target,
    headers,
    body,
    path: target.split('?', 1)[0] ?? '',
    form: new URLSearchParams(isForm ? body.toString() : ''),
    proof:
      typeof dpop === 'string' ? { header: decodeProtectedHeader(dpop), claims: decodeJwt(dpop) } : undefined,
    accessToken: /^DPoP (.+)$/.exec(headers.authorization ?? '')?.[1],
  }
}

async function send(
  { status = 200, headers, json, body }: Answer,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const plain = Buffer.from(body ?? (json ? JSON.stringify(json) : ''))
  const encoding = plain.length >= COMPRESSED_FROM && chooseEncoding(incoming.headers['accept-encoding'])
  const bytes = encoding ? await encoders[encoding](plain) : plain
  outgoing.writeHead(status, {
    ...(json && { 'content-type': 'application/json; charset=utf-8' }),
    ...(encoding && { 'content-encoding': encoding }),
    vary: 'Accept-Encoding',
    'content-length': bytes.length,
    ...headers,
  })
  outgoing.end(bytes)
}

/** With the settings of the package `compression` 1.8, which the reference PDS uses. */
const encoders = {
  br: (bytes: Buffer) =>
    promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
  gzip: (bytes: Buffer) => promisify(gzip)(bytes),
}

/** Brotli is preferred, as there. */
export function chooseEncoding(accepted = ''): keyof typeof encoders | undefined {
  const names = accepted
    .split(',')
    .map((part) => part.trim().toLowerCase())
    .filter((part) => !/;\s*q=0(\.0*)?$/.test(part))
    .map((part) => part.split(';', 1)[0])
  if (names.includes('br')) return 'br'
  return names.includes('gzip') ? 'gzip' : undefined
}
