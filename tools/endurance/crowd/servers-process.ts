/**
 * The servers of a crowd in a process of their own: directory, PDS and authorization server. They know which tokens are
 * valid and which refresh tokens were used, and check no signatures, which the tests do.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { didDocument } from '../../../lib/testing/network/accounts.ts'
import { handleOf, memberOf, SCOPE, type Scenario, tokensOf } from './scenario.ts'

export interface ServerFigures {
  readonly refreshes: number
  /** Refresh tokens that were used a second time. */
  readonly replays: number
  /** Sessions that were refreshed more than once. */
  readonly twice: number
  readonly turnedAway: number
  /** Token requests that were under way at the same time. */
  readonly most: number
}

export type ServerCommand =
  | { readonly name: 'begin'; readonly startAt: number }
  | { readonly name: 'figures' }

interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly json: object
}

/** How long directory and PDS take. */
const OTHERS_DELAY_MS = 50
const HOUR_S = 3_600
const scenario: Scenario = JSON.parse(process.argv[2] ?? '')
const members = Array.from({ length: scenario.sessions }, (_, number) => memberOf(number, scenario))
const numbers = new Map(members.map(({ did, number }) => [did as string, number]))
const refreshesOf = new Uint16Array(scenario.sessions)
const figures = { refreshes: 0, replays: 0, turnedAway: 0, most: 0 }
let startAt = 0
let underWay = 0

const directory = await listen(async ({ url = '' }) => {
  await sleep(OTHERS_DELAY_MS)
  const did = decodeURIComponent(url.slice(1))
  const number = numbers.get(did)
  if (number === undefined) return { status: 404, json: {} }
  return { json: didDocument({ did, handle: handleOf(number) }, pds) }
})
const pds = await listen(async ({ url = '', headers }) => {
  await sleep(OTHERS_DELAY_MS)
  if (url.startsWith('/.well-known/')) return { json: { resource: pds, authorization_servers: [issuer] } }
  const [, number = '', refreshes] = /^DPoP access-(\d+)-(\d+)$/.exec(headers.authorization ?? '') ?? []
  const isNewest = refreshesOf[Number(number)] === Number(refreshes)
  const endsAfterMs = members[Number(number)]?.tokenEndsAfterMs ?? 0
  const isValid = isNewest && (Number(refreshes) > 0 || Date.now() < startAt + endsAfterMs)
  if (isValid) return { json: {} }
  const challenge = { 'www-authenticate': 'DPoP error="invalid_token"' }
  return { status: 401, headers: challenge, json: { error: 'invalid_token' } }
})
const issuer = await listen(async (request) => {
  const form = new URLSearchParams(await text(request))
  underWay += 1
  figures.most = Math.max(figures.most, underWay)
  const isTurnedAway = Math.random() < scenario.rateLimited
  const reply = isTurnedAway ? turnAway() : renew(form.get('refresh_token') ?? '')
  await sleep(scenario.serverDelayMs)
  underWay -= 1
  return reply
})

function turnAway(): Reply {
  figures.turnedAway += 1
  return { status: 429, headers: { 'retry-after': '1' }, json: { error: 'slow_down' } }
}

function renew(token: string): Reply {
  const [, number = '', used = ''] = /^refresh-(\d+)-(\d+)$/.exec(token) ?? []
  const member = members[Number(number)]
  if (!member || refreshesOf[member.number] !== Number(used)) {
    figures.replays += 1
    return { status: 400, json: { error: 'invalid_grant' } }
  }
  figures.refreshes += 1
  const refreshes = Number(used) + 1
  refreshesOf[member.number] = refreshes
  const { accessToken, refreshToken } = tokensOf(member.number, refreshes)
  const tokens = { access_token: accessToken, refresh_token: refreshToken, token_type: 'DPoP' }
  return { json: { ...tokens, expires_in: HOUR_S, scope: SCOPE, sub: member.did } }
}

/** A server on a free port; its origin. Every answer has the same nonce. */
async function listen(answer: (request: IncomingMessage) => Promise<Reply>): Promise<string> {
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const { status = 200, headers = {}, json } = await answer(request)
    const type = { 'content-type': 'application/json', 'dpop-nonce': 'the-nonce-of-the-crowd' }
    response.writeHead(status, { ...type, ...headers }).end(JSON.stringify(json))
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 4_096, resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

process.on('message', (command: ServerCommand) => {
  if (command.name === 'begin') startAt = command.startAt
  const twice = refreshesOf.filter((count) => count > 1).length
  process.send?.({ ...figures, twice } satisfies ServerFigures)
})
process.once('disconnect', () => process.exit())
process.send?.({ directory, pds, issuer })
