/** An HTTP server on a loopback origin of its own: it records every request, and a test may replace any answer. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { decodeJwt, decodeProtectedHeader, type JWTPayload, type ProtectedHeaderParameters } from 'jose'
import { closeServer, dropConnection, listenOnLoopback, portOf } from './loopback-server.ts'

export interface RecordedRequest {
  /** Origin of the server that got it. */
  readonly origin: string
  readonly method: string
  readonly path: string
  /** Path and query, as they came. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** The body read as a form; empty for other types. */
  readonly form: URLSearchParams
  /** The DPoP proof, decoded but not verified; undefined when there is none, or something else. */
  readonly proof: { readonly header: ProtectedHeaderParameters; readonly claims: JWTPayload } | undefined
  /** What follows `Authorization: DPoP `. */
  readonly accessToken: string | undefined
}

export interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: Readonly<Record<string, unknown>>
  /** Instead of `json`, as it is. */
  readonly body?: string | Buffer
  /** Cuts the connection after the request was read. */
  readonly drop?: boolean
}

/** What to answer; `usual` does what the server would have done, with all its effects, and gives its answer. */
export type Script = (request: RecordedRequest, usual: () => Promise<Answer>) => Answer | Promise<Answer>

export interface ScriptedServer {
  readonly origin: string
  /** Replaces the answers at a path (`*` for all) until the next call for it. */
  answer(path: string, script: Script | Answer): void
  /** Replaces one answer; several wait in a queue. */
  answerOnce(path: string, script: Script | Answer): void
  /** Answers at a path before the body is read, which then stays unread; nothing is recorded. */
  answerEarly(path: string, answer: Answer): void
  /** Gives a path its usual answers back. */
  restore(path: string): void
  /** How many TCP connections were opened to it. */
  connections(): number
  close(): Promise<void>
  /** Listens again after `close`, at the same address. */
  reopen(): Promise<void>
}

/** Access tokens may be as long as the body that brought them. */
const MAX_HEADER_BYTES = 128 * 1024

/**
 * Starts a server.
 *
 * @param log where every request is recorded, before it is answered
 * @param port default a free one
 * @param now the clock that its answers are dated by
 * @param isScripted whether a request counts for the scripts of its path; default all do
 * @param usual what it answers where no script says otherwise
 */
export async function startScriptedServer(
  {
    log,
    now,
    port: wanted = 0,
    isScripted = () => true,
  }: {
    readonly log: RecordedRequest[]
    readonly port?: number | undefined
    readonly now: () => number
    readonly isScripted?: (request: RecordedRequest) => boolean
  },
  usual: (request: RecordedRequest) => Answer | Promise<Answer>,
): Promise<ScriptedServer> {
  const standing = new Map<string, Script>()
  const queues = new Map<string, Script[]>()
  const early = new Map<string, Answer>()
  const server = await listenOnLoopback(wanted, createServer({ maxHeaderSize: MAX_HEADER_BYTES }))
  const port = portOf(server)
  const origin = `http://127.0.0.1:${port}`
  const scriptFor = (path: string) =>
    queues.get(path)?.shift() ?? queues.get('*')?.shift() ?? standing.get(path) ?? standing.get('*')

  let connections = 0
  server.on('connection', () => {
    connections += 1
  })
  server.on('request', async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const hasty = early.get(incoming.url?.split('?', 1)[0] ?? '')
    if (hasty) return send(hasty, outgoing)
    // A client that hangs up while it sends is nothing to answer.
    const request = await record(incoming, origin).catch(() => undefined)
    if (!request) return
    log.push(request)
    const script = isScripted(request) ? scriptFor(request.path) : standing.get('*')
    const answer = await answerOf(script, request, async () => usual(request))
    if (answer.drop) dropConnection(incoming.socket)
    else send({ ...answer, headers: { date: new Date(now()).toUTCString(), ...answer.headers } }, outgoing)
  })
  return {
    origin,
    answer: (path, script) => void standing.set(path, toScript(script)),
    answerOnce: (path, script) => void queues.set(path, [...(queues.get(path) ?? []), toScript(script)]),
    answerEarly: (path, answer) => void early.set(path, answer),
    restore(path) {
      early.delete(path)
      standing.delete(path)
      queues.delete(path)
    },
    connections: () => connections,
    close: () => closeServer(server),
    async reopen() {
      await listenOnLoopback(port, server)
    },
  }
}

/** A fault of the test's own script must fail the test, not hang it. */
async function answerOf(
  script: Script | undefined,
  request: RecordedRequest,
  usual: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return script ? await script(request, usual) : await usual()
  } catch (error) {
    // biome-ignore lint/suspicious/noConsole: the test that made the script reads it.
    console.error('A scripted server failed.', error)
    return { status: 599, body: String(error) }
  }
}

function toScript(script: Script | Answer): Script {
  return typeof script === 'function' ? script : () => script
}

async function record(incoming: IncomingMessage, origin: string): Promise<RecordedRequest> {
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
    proof: typeof dpop === 'string' ? decode(dpop) : undefined,
    accessToken: /^DPoP (.+)$/.exec(headers.authorization ?? '')?.[1],
  }
}

/** Undefined for something that is no JWT: the server refuses it later, in the words of the wire. */
function decode(jwt: string): RecordedRequest['proof'] {
  try {
    return { header: decodeProtectedHeader(jwt), claims: decodeJwt(jwt) }
  } catch {
    return undefined
  }
}

function send({ status = 200, headers, json, body }: Answer, outgoing: ServerResponse): void {
  const type = json === undefined ? undefined : { 'content-type': 'application/json' }
  outgoing.writeHead(status, { ...type, ...headers })
  outgoing.end(body ?? (json && JSON.stringify(json)))
}
