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

export interface NewPerson {
  readonly handle: string
  readonly password: string
  readonly email: string
}

/** A browser's cookies, by name. */
export type Cookies = Map<string, string>

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/**
 * Signs in and approves; the callback URL that the browser would be sent to.
 *
 * @param scope what is left when the person unticks boxes; default everything that was asked for
 * @param cookies the browser's, for somebody who comes back
 */
export async function approve(
  authorizationUrl: URL,
  account: Credentials,
  scope?: string,
  cookies: Cookies = new Map(),
): Promise<URL> {
  const visit = await openPage(authorizationUrl, cookies)
  await visit.post('/sign-in', {
    locale: 'en',
    username: account.handle,
    password: account.password,
    remember: true,
  })
  return visit.follow(await visit.post('/consent', { did: account.did, ...(scope && { scope }) }))
}

/** Makes a new account, signs in with it and approves; the callback URL that the browser would be sent to. */
export async function signUp(authorizationUrl: URL, person: NewPerson): Promise<URL> {
  const visit = await openPage(authorizationUrl)
  const { handle, password, email } = person
  await visit.post('/sign-up', { locale: 'en', handle, email, password })
  const remembered = { locale: 'en', username: handle, password, remember: true }
  const { did } = parseAccount(await visit.post('/sign-in', remembered))
  return visit.follow(await visit.post('/consent', { did }))
}

function parseAccount(answer: unknown): { readonly did: string } {
  if (typeof answer === 'object' && answer !== null && 'account' in answer) {
    const { account } = answer
    if (
      typeof account === 'object' &&
      account !== null &&
      'did' in account &&
      typeof account.did === 'string'
    )
      return { did: account.did }
  }
  throw new Error('The sign-in named no account.')
}

/** Refuses; the callback URL that the browser would be sent to. */
export async function deny(authorizationUrl: URL): Promise<URL> {
  const visit = await openPage(authorizationUrl)
  return visit.follow(await visit.post('/reject', {}))
}

/** Opens the authorization URL and is sent back at once, as with `prompt=none`; the callback URL. */
export async function passThrough(authorizationUrl: URL, cookies: Cookies): Promise<URL> {
  const { status, headers, body } = await send(authorizationUrl, 'GET', navigate, cookies)
  if (headers.location === undefined) throw new Error(`The server asks (${status}): ${body.slice(0, 300)}`)
  return new URL(headers.location)
}

const navigate = {
  'sec-fetch-site': 'cross-site',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
}

async function openPage(page: URL, cookies: Cookies = new Map()) {
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
  cookies: Cookies,
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
