/** A request of a browser to one of the processes, as a load balancer would send it. */
import { request as sendRequest } from 'node:http'
import { text } from 'node:stream/consumers'
import type { AppProcess } from '../app/processes.ts'
import { findSecrets } from './find-secrets.ts'
import { lose, PUBLIC_URL, SESSION_COOKIE, type Turn } from './run.ts'

export interface Visit {
  readonly path: string
  /** Makes it a POST of a form on an own page. */
  readonly form?: Readonly<Record<string, string>>
  /** Makes it a POST of a script on an own page. */
  readonly json?: object
  readonly headers?: Readonly<Record<string, string>>
  /** Instead of the browser's own session cookie; the browser does not keep what is answered. */
  readonly cookie?: string
}

export interface Reply {
  /** 0 when the process was killed before it had answered. */
  readonly status: number
  readonly location: string
  readonly body: string
  readonly setCookies: readonly string[]
  /** Names and values of all headers but `Location`. */
  readonly headers: string
  /** `performance.now()`. */
  readonly from: number
  readonly to: number
}

export const navigation = {
  'sec-fetch-site': 'none',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
}
const ownScript = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }
const ownForm = { ...navigation, 'sec-fetch-site': 'same-origin', origin: PUBLIC_URL }
/** A failure of them, too, leaves the cookie as it is. */
const maySetSession = /^\/oauth\/(callback|switch|logout)\b/
/** Longer than anything that the library waits for. */
const PATIENCE_MS = 90_000

/** Sends it, keeps the cookies that come, and looks at what no answer may have. */
export async function visit(turn: Turn, asked: Visit): Promise<Reply> {
  const reply = await send(turn, asked)
  const { setCookies, status } = reply
  const secrets = findSecrets(turn.run, reply, new URLSearchParams(asked.path.split('?')[1]).get('code'))
  if (secrets.length > 0) lose(turn, 'no secret in an answer', `${secrets.join(', ')} at ${pathOf(asked)}`)
  const session = setCookies.find((line) => line.startsWith(`${SESSION_COOKIE}=`))
  if (session !== undefined && (status !== 303 || !maySetSession.test(asked.path))) {
    const change = session.includes('Max-Age=0') ? 'gone' : 'another'
    lose(
      turn,
      'the session cookie as it was',
      `${status} at ${pathOf(asked)}: the session cookie is ${change}`,
    )
  }
  if (asked.cookie === undefined) keepCookies(turn, setCookies)
  return reply
}

function keepCookies({ browser }: Turn, setCookies: readonly string[]): void {
  const before = browser.jar.get(SESSION_COOKIE)
  browser.take(setCookies)
  if (before !== undefined && browser.jar.get(SESSION_COOKIE) !== before) browser.pastCookies.push(before)
}

async function send(turn: Turn, asked: Visit): Promise<Reply> {
  const { run, dice } = turn
  const from = performance.now()
  const process = dice.pick(run.application.running)
  if (!process) return { ...nothing, from, to: performance.now() }
  try {
    const answer = await fetchFrom(process, asked, headersOf(turn, asked))
    return { ...answer, from, to: performance.now() }
  } catch (error) {
    if (!process.isKilled) lose(turn, `an answer at ${pathOf(asked)}`, String(error))
    return { ...nothing, from, to: performance.now() }
  }
}

const nothing = { status: 0, location: '', body: '', setCookies: [], headers: '' }

function headersOf(
  { browser }: Turn,
  { form, json, headers, cookie }: Visit,
): Readonly<Record<string, string>> {
  const others = [...browser.jar].filter(([name]) => cookie === undefined || name !== SESSION_COOKIE)
  const jar = cookie === undefined ? others : [...others, [SESSION_COOKIE, cookie]]
  const type = form ? 'application/x-www-form-urlencoded' : 'application/json'
  return {
    host: new URL(PUBLIC_URL).host,
    'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0',
    cookie: jar.map(([name, value]) => `${name}=${value}`).join('; '),
    ...((form ?? json) && { 'content-type': type }),
    ...(form ? ownForm : ownScript),
    ...headers,
  }
}

function fetchFrom(
  { port }: AppProcess,
  { path, form, json }: Visit,
  headers: Readonly<Record<string, string>>,
): Promise<Omit<Reply, 'from' | 'to'>> {
  const body = form ? new URLSearchParams(form).toString() : json && JSON.stringify(json)
  const method = body === undefined ? 'GET' : 'POST'
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(PATIENCE_MS)
    const outgoing = sendRequest({ host: '127.0.0.1', port, path, method, headers, agent: false, signal })
    outgoing.on('error', reject)
    outgoing.on('response', (incoming) => {
      const { statusCode: status = 0, headers } = incoming
      const { location = '', ...others } = headers
      text(incoming).then(
        (came) =>
          resolve({
            status,
            location,
            headers: JSON.stringify(others),
            body: came,
            setCookies: headers['set-cookie'] ?? [],
          }),
        reject,
      )
    })
    outgoing.end(body)
  })
}

function pathOf({ path }: Visit): string {
  return path.split('?', 1)[0] ?? path
}
