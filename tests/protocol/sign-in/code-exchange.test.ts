/** The code exchange: to the server of the start, with its parameters, once. */
import { expect, it } from 'vitest'
import {
  createScriptedClient,
  signIn,
  startApproved,
  tokenRequests,
} from '../../support/protocol/scripted-client.ts'
import { type ScriptedNetwork, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { alter } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'

const TOKEN = '/oauth/token'

it('CB-6 exchanges the code at the endpoint of the start although the metadata changed', async () => {
  const { network, client, params } = await startApproved()
  await using _ = network
  const evil = await network.addHome()
  network.home.as.answer('/.well-known/oauth-authorization-server', async (_request, usual) =>
    alter(await usual(), { token_endpoint: `${evil.as.origin}${TOKEN}` }),
  )
  await client.callback(params)
  expect(network.sent(TOKEN).map(({ origin }) => origin)).toEqual([network.home.as.origin])
})

it('TK-1 sends exactly the parameters of the profile, as a form with the redirect_uri of the start', async () => {
  const { network, client, params } = await startApproved()
  await using _ = network
  await client.callback(params)
  const [request] = network.sent(TOKEN)
  expect(Object.fromEntries(request?.form ?? [])).toEqual({
    grant_type: 'authorization_code',
    code: params.get('code'),
    redirect_uri: network.sent('/oauth/par').at(-1)?.form.get('redirect_uri'),
    code_verifier: expect.stringMatching(/^[\w-]{43,128}$/),
    client_id: client.clientMetadata.client_id,
  })
  expect(request?.proof?.claims).not.toHaveProperty('ath')
  expect(network.violations).toEqual([])
})

const failures: readonly [string, (network: ScriptedNetwork) => void][] = [
  [
    'the connection drops after the code was read',
    ({ home }) => home.as.answer(TOKEN, async (_, usual) => ({ ...(await usual()), drop: true })),
  ],
  ['the server says invalid_grant', ({ home }) => home.as.answer(TOKEN, oauthError('invalid_grant', 400))],
  ['the server says 500', ({ home }) => home.as.answer(TOKEN, { status: 500, body: 'oops' })],
  ['the server says 429', ({ home }) => home.as.answer(TOKEN, oauthError('slow_down', 429))],
  [
    'the server redirects',
    ({ home }) => home.as.answer(TOKEN, { status: 307, headers: { location: '/oauth/par' } }),
  ],
]
it.each(failures)('TK-2 N6 sends a code once although %s', async (_, script) => {
  const { network, client, params } = await startApproved()
  await using _network = network
  const before = network.requests.length
  script(network)
  await refusalOf(client.callback(params))
  expect(await refusalOf(client.callback(params))).toMatchObject({ code: 'state_unknown' })
  const posted = network.requests.slice(before).filter(({ method }) => method === 'POST')
  expect(posted.map(({ path }) => path)).toEqual([TOKEN])
})

it('DP-1 DP-3 CK-2 C2 gives two sign-ins of one account different sessions, keys and proofs', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  const [first, second] = [await signIn(network, client), await signIn(network, client)]
  expect(first.id).not.toBe(second.id)
  for (const { id } of [first, second]) expect(id).toMatch(/^[\w-]{43}$/)
  const requests = tokenRequests(network, 'authorization_code')
  expect(new Set(requests.map(({ proof }) => proof?.header.jwk?.x)).size).toBe(2)
  expect(new Set(requests.map(({ proof }) => proof?.claims.jti)).size).toBe(2)
})

function oauthError(error: string, status: number) {
  return { status, json: { error } }
}

it('DP-13 signs in although the token answer brings no nonce', async () => {
  const { network, client, params } = await startApproved()
  await using _ = network
  network.home.as.answerOnce(TOKEN, async (_request, usual) => ({ ...(await usual()), headers: {} }))
  await client.callback(params)
})
