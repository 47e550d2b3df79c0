/** `auth.handlers.xrpc()`: calls of scripts in the browser, on the scripted network. */
import { expect, it } from 'vitest'
import { createNextApp, ORIGIN, type Visitor } from '../../support/protocol/next-app.ts'
import { alice, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { recordLog } from '../../support/record-log.ts'

const allow = { 'com.atproto.server.getSession': 'GET', 'com.atproto.repo.createRecord': 'POST' } as const
const script = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }

const call = (visitor: Visitor, nsid: string, init: RequestInit = {}, headers = script) =>
  visitor.run(
    (auth) => {
      const method = init.method === 'POST' ? 'POST' : 'GET'
      return auth.handlers.xrpc({ allow })[method](
        new Request(`${ORIGIN}/xrpc/${nsid}`, {
          ...init,
          headers: { ...headers, 'content-type': 'application/json' },
        }),
      )
    },
    { headers },
  )

it('passes a listed call on with the token, of which the browser sees nothing', async () => {
  await using network = await startScriptedNetwork()
  const visitor = createNextApp(network).visit()
  await visitor.signIn(alice)
  const answer = await call(visitor, 'com.atproto.server.getSession')
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'private, no-store'])
  const [sent] = network.sent('/xrpc/com.atproto.server.getSession').slice(-1)
  expect(sent?.headers.authorization).toMatch(/^DPoP /)
  // The scripted PDS says in its body what it was sent: that is its own doing.
  const text = JSON.stringify([...answer.headers])
  for (const secret of network.home.as.grants.secrets) expect(text).not.toContain(secret)
})

it('answers nobody without a session, and asks no PDS for them', async () => {
  await using network = await startScriptedNetwork()
  const answer = await call(createNextApp(network).visit(), 'com.atproto.server.getSession')
  expect([answer.status, await answer.json()]).toEqual([401, { error: 'AuthenticationRequired' }])
  expect(network.requests).toEqual([])
})

it.each([
  ['a method that is not listed', 'com.atproto.repo.deleteRecord', {}, script, 404],
  ['another verb', 'com.atproto.repo.createRecord', {}, script, 405],
  ['a path that climbs', '..%2Fcom.atproto.server.getSession', {}, script, 404],
  [
    'CSRF: a POST of another site',
    'com.atproto.repo.createRecord',
    { method: 'POST', body: '{}' },
    { ...script, 'sec-fetch-site': 'cross-site' },
    403,
  ],
  [
    'CSRF: a GET of a sibling subdomain, which comes with the visitor’s cookies',
    'com.atproto.server.getSession',
    {},
    { ...script, 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
    403,
  ],
])('X5 refuses %s', async (_, nsid, init, headers, status) => {
  await using network = await startScriptedNetwork()
  const visitor = createNextApp(network).visit()
  await visitor.signIn(alice)
  const before = network.requests.length
  expect((await call(visitor, nsid, init, headers)).status).toBe(status)
  expect(network.requests.length).toBe(before)
})

it('says that a new sign-in is needed when the session is over, and try again when it could not be renewed', async () => {
  const lines = recordLog()
  await using network = await startScriptedNetwork()
  const app = createNextApp(network)
  const [visitor, other] = [app.visit(), app.visit()]
  for (const each of [visitor, other]) await each.signIn(alice)
  network.home.as.answer('/oauth/token', { status: 503 })
  const { grants } = network.home.as
  for (const { refreshToken } of grants.all) grants.revoke(refreshToken)
  const { status, headers } = await call(visitor, 'com.atproto.server.getSession')
  expect([status, headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^[1-9]\d*$/)])
  const { origin } = network.home.as
  expect(lines.filter((line) => String(line).includes('did not refresh'))).toEqual([
    expect.stringContaining(`A request failed: refresh_failed: ${origin} did not refresh the tokens`),
  ])
  network.home.as.restore('/oauth/token')
  // The refresh is tried again in a moment, which the answers until then say.
  expect((await call(visitor, 'com.atproto.server.getSession')).status).toBe(503)
  expect((await call(other, 'com.atproto.server.getSession')).status).toBe(401)
})
