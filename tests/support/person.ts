/**
 * A person at the authorization server's pages, without a browser: sends what the pages of
 * @atproto/oauth-provider send (pinned to its exact version). For integration tests; the browser tests use the
 * real pages.
 */
import { type IncomingHttpHeaders, request } from 'node:http'
import { text } from 'node:stream/consumers'

const API = '/@atproto/oauth-provider/~api'

export interface Credentials {
  readonly handle: string
  readonly did: string
  readonly password: string
}

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Signs in and approves; the callback URL that the browser would be sent to. */
export async function approve(authorizationUrl: URL, account: Credentials): Promise<URL> {
  const visit = await openPage(authorizationUrl)
  await visit.post('/sign-in', {
    locale: 'en',
    username: account.handle,
    password: account.password,
    remember: true,
  })
  return visit.follow(await visit.post('/consent', { did: account.did }))
}

/** Refuses; the callback URL that the browser would be sent to. */
export async function deny(authorizationUrl: URL): Promise<URL> {
  const visit = await openPage(authorizationUrl)
  return visit.follow(await visit.post('/reject', {}))
}

async function openPage(page: URL) {
  const cookies = new Map<string, string>()
  const navigate = {
    'sec-fetch-site': 'cross-site',
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
  }
  const opened = await send(page, 'GET', navigate, cookies)
  if (opened.status !== 200)
    throw new Error(`The authorization page answered ${opened.status}: ${opened.body.slice(0, 300)}`)

  return {
    async post(path: string, body: object): Promise<unknown> {
      const headers = {
        'content-type': 'application/json',
        'sec-fetch-site': 'same-origin',
        'sec-fetch-mode': 'same-origin',
        origin: page.origin,
        referer: page.href,
        'x-csrf-token': cookies.get('csrf-token') ?? '',
      }
      const answer = await send(new URL(API + path, page), 'POST', headers, cookies, JSON.stringify(body))
      if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${answer.body}`)
      return JSON.parse(answer.body)
    },
    async follow(result: unknown): Promise<URL> {
      if (typeof result !== 'object' || result === null || !('url' in result))
        throw new Error('no redirect came')
      const headers = { ...navigate, 'sec-fetch-site': 'same-origin', referer: page.href }
      const answer = await send(new URL(String(result.url)), 'GET', headers, cookies)
      return new URL(answer.headers.location ?? '')
    },
  }
}

function send(
  url: URL,
  method: string,
  headers: Readonly<Record<string, string>>,
  cookies: Map<string, string>,
  body?: string,
): Promise<Answer> {
  const cookie = Array.from(cookies, ([name, value]) => `${name}=${value}`).join('; ')
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      { method, headers: { ...headers, ...(cookie && { cookie }) } },
      async (incoming) => {
        for (const line of incoming.headers['set-cookie'] ?? []) {
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
          cookies.set(name, value)
        }
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: await text(incoming) })
      },
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
