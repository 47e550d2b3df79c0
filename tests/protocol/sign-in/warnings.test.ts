/** What a server does against the profile, but nothing hangs on: said once, and signed in all the same. */
import { afterEach, expect, it, vi } from 'vitest'
import { call, createScriptedClient, signIn } from '../../support/protocol/scripted-client.ts'
import { alice, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { alter } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'

const SERVER = '/.well-known/oauth-authorization-server'

afterEach(() => void vi.restoreAllMocks())

it.each([
  ['scopes_supported', undefined],
  ['scopes_supported', ['openid']],
  ['grant_types_supported', ['authorization_code']],
  ['response_types_supported', ['token']],
  ['require_pushed_authorization_requests', false],
  ['require_pushed_authorization_requests', 'yes'],
])('DS-4 warns once of a server whose %s is %j, and names the field', async (field, value) => {
  await using network = await startScriptedNetwork()
  network.home.as.answer(SERVER, async (_, usual) => alter(await usual(), { [field]: value }))
  const warnings: string[] = []
  const client = createScriptedClient(network, { onWarning: (message) => warnings.push(message) })
  await client.authorize(alice.handle)
  network.advance(10 * 60_000)
  await client.authorize(alice.handle)
  expect(warnings).toEqual([expect.stringContaining(field)])
  expect(warnings[0]).toContain(network.home.as.origin)
})

it('DS-4 says nothing of a server that declares all', async () => {
  await using network = await startScriptedNetwork()
  const warnings: string[] = []
  await createScriptedClient(network, { onWarning: (message) => warnings.push(message) }).authorize(
    alice.handle,
  )
  expect(warnings).toEqual([])
})

it('warns of a server where a sign-out ends nothing', async () => {
  await using network = await startScriptedNetwork()
  const warnings: string[] = []
  const client = createScriptedClient(network, { onWarning: (message) => warnings.push(message) })
  network.home.as.answer(SERVER, async (_, usual) => alter(await usual(), { revocation_endpoint: undefined }))
  const session = await signIn(network, client)
  await session.signOut()
  expect(warnings).toEqual([
    `${network.home.as.origin} has no revocation_endpoint: a sign-out does not end the session at that server.`,
  ])
  expect(network.sent('/oauth/revoke')).toEqual([])
})

it('DP-13 warns once of tokens without DPoP-Nonce, at the sign-in and at refreshes, and keeps them', async () => {
  await using network = await startScriptedNetwork()
  const warnings: string[] = []
  const client = createScriptedClient(network, { onWarning: (message) => warnings.push(message) })
  network.home.as.answer('/oauth/token', async (_, usual) => ({ ...(await usual()), headers: {} }))
  const session = await signIn(network, client)
  await session.refresh()
  await session.refresh()
  expect(await call(session)).toBe(200)
  expect(warnings).toEqual([expect.stringContaining('DPoP-Nonce')])
})

it('writes warnings to the console where nobody else takes them', async () => {
  const written = vi.spyOn(console, 'warn').mockImplementation(() => {})
  await using network = await startScriptedNetwork()
  network.home.as.answer(SERVER, async (_, usual) => alter(await usual(), { scopes_supported: undefined }))
  await createScriptedClient(network).authorize(alice.handle)
  expect(written.mock.calls).toEqual([[expect.stringMatching(/^\[next-atproto-auth\] .*scopes_supported/)]])
})

it('N7 gives up a sign-in whose servers take longer than ten seconds in all', {
  timeout: 20_000,
}, async () => {
  await using network = await startScriptedNetwork()
  const slowly = async (_: unknown, usual: () => Promise<object>) => {
    await new Promise((resolve) => setTimeout(resolve, 4_000))
    return usual()
  }
  for (const server of [network.resolver, network.plc, network.home.pds, network.home.as])
    server.answer('*', slowly)
  expect(await refusalOf(createScriptedClient(network).authorize(alice.handle))).toMatchObject({
    name: 'OAuthResolverError',
    code: 'server_unavailable',
    retryable: true,
  })
  expect(network.sent('/oauth/par')).toEqual([])
})

it('keeps to the reason of the application’s own signal', async () => {
  await using network = await startScriptedNetwork()
  const reason = new Error('the person went away')
  const signal = AbortSignal.abort(reason)
  await expect(createScriptedClient(network).authorize(alice.handle, { signal })).rejects.toBe(reason)
})
