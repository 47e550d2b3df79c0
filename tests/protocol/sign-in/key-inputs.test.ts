/** Keys in each form that an application may have them in: the server takes the assertions of all of them. */
import { JoseKey as OfficialKey } from '@atproto/jwk-jose'
import { type ClientKeyInput, createKeyset, importKeyset, JoseKey } from 'next-atproto-auth/oauth'
import { expect, it } from 'vitest'
import { createScriptedClient, signIn } from '../../support/protocol/scripted-client.ts'
import { startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { ecKey, pkcs8, sec1 } from '../../support/unit/pem.ts'

const jwk = { ...ecKey().export({ format: 'jwk' }), kty: 'EC', kid: 'key1' }
const inputs: Readonly<Record<string, () => Promise<ClientKeyInput>>> = {
  'a JWK': async () => jwk,
  'a JoseKey from a JWK': () => JoseKey.fromImportable(jwk, 'key1'),
  'a JoseKey from PKCS#8': () => JoseKey.fromImportable(pkcs8(ecKey()), 'key1'),
  'a JoseKey from SEC1': () => JoseKey.fromImportable(sec1(ecKey()), 'key1'),
  'a new JoseKey': () => JoseKey.generate(['ES256'], 'key1'),
  'a key of @atproto/jwk-jose': () => OfficialKey.generate(['ES256'], 'key1'),
}

it.each(Object.entries(inputs))('KS-3 KS-6 signs in with %s', async (_form, makeKey) => {
  const keyset = createKeyset([await makeKey()])
  await using network = await startScriptedNetwork({ jwks: { keys: [...keyset.publicJwks.keys] } })
  const session = await signIn(network, createScriptedClient(network, { keyset }))
  await session.refresh()
  await session.signOut()
  expect(network.violations).toEqual([])
})

it('KS-7 takes a key without kid from PEM under the same id each time', async () => {
  const pem = pkcs8(ecKey())
  const [before, after] = [await importKeyset(pem), await importKeyset(pem + pkcs8(ecKey()))]
  await using network = await startScriptedNetwork({ jwks: { keys: [...after.publicJwks.keys] } })
  const client = createScriptedClient(network, { keyset: before })
  const { url } = await client.start('alice.test')
  expect(url.searchParams.get('request_uri')).toBeTruthy()
  expect(after.find(before.active.kid)?.publicJwk).toEqual(before.active.publicJwk)
})
