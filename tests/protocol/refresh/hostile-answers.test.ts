/** Answers to a refresh token that are built to crash the client, or to bring a secret into its errors. */
import { inspect } from 'node:util'
import { AtprotoAuthError } from 'next-atproto-auth/oauth'
import { expect, it } from 'vitest'
import { startExpired } from '../../support/protocol/scripted-client.ts'
import { alter } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'

const TOKEN = '/oauth/token'

it.each([
  ['an object without a text', '{"toString":null,"valueOf":null}'],
  ['a list in 20,000 lists', `${'['.repeat(20_000)}${']'.repeat(20_000)}`],
])('a sub that is %s is refused with an error of the library', async (_, sub) => {
  const { network: opened, restore } = await startExpired()
  await using network = opened
  network.home.as.answer(TOKEN, async (_request, usual) => {
    const answer = await usual()
    if (answer.json?.access_token === undefined) return answer
    const body = JSON.stringify(alter(answer, { sub: 0 }).json).replace('"sub":0', `"sub":${sub}`)
    return { headers: { ...answer.headers, 'content-type': 'application/json' }, body }
  })
  const session = await restore()
  const error = await refusalOf(session.fetchHandler('/xrpc/com.example.echo'))
  expect(error).toBeInstanceOf(AtprotoAuthError)
})

it('an empty scope in the answer leaves the granted scope', async () => {
  const world = await startExpired()
  await using network = world.network
  network.home.as.answer(TOKEN, async (_request, usual) => {
    const answer = await usual()
    return answer.json?.access_token === undefined ? answer : alter(answer, { scope: '' })
  })
  const session = await world.restore()
  const before = session.scope
  await (await session.fetchHandler('/xrpc/com.example.echo')).text()
  expect(session.scope).toBe(before)
})

it('the refresh token does not reach the error by a content type', async () => {
  const world = await startExpired()
  await using network = world.network
  let sent = ''
  network.home.as.answer(TOKEN, ({ form }) => {
    sent = form.get('refresh_token') ?? ''
    return {
      status: 200,
      headers: { 'content-type': `text/${sent.slice(0, 40)}`, 'dpop-nonce': 'n' },
      body: 'oops',
    }
  })
  const session = await world.restore()
  const error = await refusalOf(session.fetchHandler('/xrpc/com.example.echo'))
  expect(inspect(error)).not.toContain(sent.slice(4, 30))
})
