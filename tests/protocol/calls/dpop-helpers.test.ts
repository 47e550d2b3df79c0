/** The functions for scripts, against servers that verify every proof. */
import { discoverTokenEndpoint, dpopGet, dpopPostForm } from 'next-atproto-auth/oauth'
import { expect, it } from 'vitest'
import { clientId, key, localNetwork, startScript } from '../../support/protocol/script-tokens.ts'
import { alice } from '../../support/protocol/scripted-network.ts'
import { alter } from '../../support/protocol/scripted-server.ts'

const PATH = '/xrpc/com.atproto.repo.describeRepo'

it('finds the token endpoint from the PDS and from the authorization server', async () => {
  await using world = await startScript()
  for (const origin of [world.pds.origin, world.as.origin, `${world.as.origin}/`]) {
    expect(await discoverTokenEndpoint(origin, { localNetwork })).toBe(world.tokenUrl)
  }
})

it('I8 finds no token endpoint in metadata that names another issuer', async () => {
  await using world = await startScript()
  world.as.answer('/.well-known/oauth-authorization-server', async (_request, usual) =>
    alter(await usual(), { issuer: 'https://other.host.dev' }),
  )
  for (const origin of [world.pds.origin, world.as.origin]) {
    await expect(discoverTokenEndpoint(origin, { localNetwork })).rejects.toMatchObject({
      code: 'server_not_conforming',
    })
  }
})

it('tells a PDS that is down from a server that is no PDS', async () => {
  await using world = await startScript()
  world.pds.answer('*', { status: 503, body: '' })
  await expect(discoverTokenEndpoint(world.pds.origin, { localNetwork })).rejects.toMatchObject({
    code: 'server_unavailable',
    retryable: true,
  })
  expect(world.network.sent('/.well-known/oauth-authorization-server')).toEqual([])
})

it('DP-9 dpopPostForm repeats the form once for a nonce, and spares the repetition when it knows it', async () => {
  await using world = await startScript()
  const form = { grant_type: 'nonsense', client_id: clientId }
  const first = await dpopPostForm({ url: world.tokenUrl, form, key, localNetwork })
  expect(first).toEqual({
    status: 400,
    json: { error: 'unsupported_grant_type', error_description: 'no such grant' },
    nonce: world.as.nonces.current(),
  })
  expect(world.network.sent('/oauth/token').map((request) => Object.fromEntries(request.form))).toEqual([
    form,
    form,
  ])
  await dpopPostForm({ url: world.tokenUrl, form, key, nonce: first.nonce, localNetwork })
  expect(world.network.sent('/oauth/token')).toHaveLength(3)
})

it('DP-11 dpopPostForm gives up after one repetition, and answers text as no JSON', async () => {
  await using world = await startScript()
  let count = 0
  world.as.answer('/oauth/token', () => ({
    status: 400,
    json: { error: 'use_dpop_nonce' },
    headers: { 'dpop-nonce': `nonce-${++count}` },
  }))
  const answer = await dpopPostForm({ url: world.tokenUrl, form: {}, key, localNetwork })
  expect(answer).toMatchObject({ status: 400, nonce: 'nonce-2' })
  world.as.answer('/oauth/token', { status: 502, body: '<html>' })
  expect(await dpopPostForm({ url: world.tokenUrl, form: {}, key, localNetwork })).toMatchObject({
    status: 502,
    json: undefined,
  })
})

it('DP-5 DP-6 dpopGet shows the token with a proof for the URL without its query', async () => {
  await using world = await startScript()
  const { accessToken } = world
  const url = `${world.pds.origin}${PATH}?a=1`
  const { response, nonce } = await dpopGet({
    url,
    params: { repo: alice.did },
    key,
    accessToken,
    localNetwork,
  })
  expect(await response.json()).toMatchObject({
    did: alice.did,
    target: `${PATH}?a=1&repo=${encodeURIComponent(alice.did)}`,
  })
  expect(nonce).toBe(world.pds.nonces.current())
  const [first, second, ...more] = world.network.sent(PATH).map(({ proof }) => proof?.claims)
  expect(second).toMatchObject({ htm: 'GET', htu: world.pds.origin + PATH, nonce })
  expect(second?.jti).not.toBe(first?.jti)
  expect(more).toEqual([])
  expect(world.network.violations).toEqual([])
})

it('DP-14 R2 dpopGet follows no redirect: no token reaches another server', async () => {
  await using world = await startScript()
  const other = await world.network.addHome()
  world.pds.answer(PATH, { status: 302, headers: { location: `${other.pds.origin}/steal` }, body: '' })
  const { accessToken } = world
  const { response } = await dpopGet({ url: world.pds.origin + PATH, key, accessToken, localNetwork })
  expect(response.status).toBe(302)
  expect(world.network.sent('/steal')).toEqual([])
})
