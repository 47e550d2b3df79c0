/**
 * The Upstash REST protocol in front of a real Redis, as @upstash/redis and @vercel/kv speak it: a command as a JSON
 * array to `/`, several to `/pipeline`, and answers in base64 where they are asked for. It misbehaves on demand.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { createClient } from 'redis'
import { z } from 'zod'

/**
 * What goes wrong with a request: `drop` runs the command and cuts the connection instead of answering; `silent`
 * runs it and never answers; `html` and a status are answers without running it.
 */
export type Fault = 'drop' | 'silent' | 'html' | 401 | 429 | 500

export interface KvRestServer {
  readonly url: string
  readonly token: string
  /** Every command that came, in order. */
  readonly commands: readonly (readonly string[])[]
  /** How many HTTP requests came. */
  readonly requests: number
  /** The next requests meet these faults, one each; those after them are answered properly. */
  fail(...faults: readonly Fault[]): void
  /** Every request waits so long before it is run. */
  delay(ms: number): void
  stop(): Promise<void>
}

const TOKEN = 'kv-token-canary-0123456789'
const commandSchema = z.array(z.union([z.string(), z.number()]).transform(String)).nonempty()
const bodySchema = z.union([commandSchema.transform((command) => [command]), z.array(commandSchema)])
const faultBodies: Readonly<Record<number, string>> = {
  401: '{"error":"WRONGPASS invalid or missing auth token"}',
  429: '{"error":"ERR max requests limit exceeded. Limit: 10000, Usage: 10000."}',
  500: '{"error":"internal error"}',
}

/** @param redisUrl the Redis behind it */
export async function startKvRestServer(redisUrl: string): Promise<KvRestServer> {
  const redis = createClient({ url: redisUrl, RESP: 2, disableOfflineQueue: true })
  redis.on('error', () => undefined)
  await redis.connect()
  const commands: string[][] = []
  const faults: Fault[] = []
  let requests = 0
  let delayMs = 0

  const run = async (command: readonly string[]) => {
    commands.push([...command])
    try {
      return { result: await redis.sendCommand([...command]) }
    } catch (error) {
      return { error: error instanceof Error ? error.message : 'ERR unknown' }
    }
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    requests += 1
    const body = await readBody(request)
    if (delayMs > 0) await pause(delayMs)
    const fault = faults.shift()
    if (request.headers.authorization !== `Bearer ${TOKEN}`)
      return send(response, 401, '{"error":"Unauthorized"}')
    if (fault === 'html') return send(response, 502, '<html><body>Bad gateway</body></html>', 'text/html')
    if (typeof fault === 'number') return send(response, fault, faultBodies[fault] ?? '{}')
    const parsed = bodySchema.safeParse(JSON.parse(body))
    if (!parsed.success) return send(response, 400, '{"error":"ERR parse error"}')
    const answers = []
    for (const command of parsed.data) answers.push(await run(command))
    if (fault === 'drop') return void response.socket?.destroy()
    if (fault === 'silent') return
    const isEncoded = request.headers['upstash-encoding'] === 'base64'
    const replies = answers.map((answer) =>
      isEncoded && 'result' in answer ? { result: encode(answer.result) } : answer,
    )
    if (request.url === '/pipeline') return send(response, 200, JSON.stringify(replies))
    const [reply] = replies
    send(response, reply && 'error' in reply ? 400 : 200, JSON.stringify(reply))
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.socket?.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('a TCP server has an address')
  return {
    url: `http://127.0.0.1:${address.port}`,
    token: TOKEN,
    commands,
    get requests() {
      return requests
    },
    fail: (...next) => void faults.push(...next),
    delay(ms) {
      delayMs = ms
    },
    async stop() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
      redis.destroy()
    },
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('utf8')
}

function send(response: ServerResponse, status: number, body: string, type = 'application/json'): void {
  response.writeHead(status, { 'content-type': type }).end(body)
}

function encode(result: unknown): unknown {
  if (Array.isArray(result)) return result.map(encode)
  return typeof result === 'string' && result !== 'OK' ? Buffer.from(result).toString('base64') : result
}
