/** What somebody sees who gets hold of a store: nothing of use. */
import { exportJWK, generateKeyPair } from 'jose'
import { importKeyset } from 'next-atproto-auth/oauth'
import { describe, expect, it } from 'vitest'
import { createSealer } from '../../lib/crypto/seal.ts'
import { SECRET } from '../support/client.ts'
import { storeKinds } from '../support/faults/store-place.ts'
import { HOUR_MS, startWorld } from '../support/faults/world.ts'
import { approveSignIn } from '../support/protocol/scripted-client.ts'
import { alice } from '../support/protocol/scripted-network.ts'

const SEALS = 100_000

/** A text as it may stand in a store: as it is, and as hex or base64 wherever in a longer text it begins. */
function* spellings(text: string): Generator<string> {
  yield text
  yield Buffer.from(text).toString('hex')
  for (const encoding of ['base64', 'base64url'] as const) {
    for (let before = 0; before < 3; before += 1) {
      const encoded = Buffer.from(' '.repeat(before) + text)
        .toString(encoding)
        .replaceAll('=', '')
      // Without the characters that depend on what stands before and behind.
      yield encoded.slice(before === 0 ? 0 : before + 1, -2)
    }
  }
}

describe.each(storeKinds)('everything that %s holds', (kind) => {
  it('H3 after sign-ins, refreshes and sign-outs shows no token, key, DID, handle, host, secret or session id', async () => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true })
    const clientKey = { ...(await exportJWK(privateKey)), kid: 'key', alg: 'ES256' }
    const keyset = await importKeyset([clientKey])
    await using world = await startWorld(kind, { jwks: { keys: [...keyset.publicJwks.keys] } })
    const client = world.createClient({ keyset })
    const sessions = [await world.signIn(client), await world.signIn(client), await world.signIn(client)]
    const underWay = await approveSignIn(world.network, client)
    const dumps = [await world.place.dump()]
    world.advance(HOUR_MS)
    for (const { did, id } of sessions) await client.restore(did, true, { sessionId: id })
    dumps.push(await world.place.dump())
    const [first] = sessions
    await client.revoke(alice.did, { sessionId: first?.id })
    dumps.push(await world.place.dump())
    await client.revoke(alice.did)
    dumps.push(await world.place.dump())

    const { grants, origin } = world.network.home.as
    const secrets = [
      ...grants.secrets,
      ...sessions.map(({ id }) => id),
      ...['state', 'code'].map((name) => underWay.get(name) ?? ''),
      ...[alice.did, alice.handle, SECRET, clientKey.d ?? '', new URL(origin).host],
    ]
    expect(secrets.length).toBeGreaterThan(14)
    const stored = dumps.join('\n')
    expect(stored).toMatch(/session:/)
    const shown = secrets.filter((secret) => [...spellings(secret)].some((text) => stored.includes(text)))
    expect(shown).toEqual([])
  })
})

it('H5 no nonce twice in 100,000 seals of the same row', async () => {
  const sealer = createSealer([SECRET], 'session row')
  const nonces = new Set<string>()
  for (let done = 0; done < SEALS; done += 500) {
    const batch = await Promise.all(Array.from({ length: 500 }, () => sealer.seal({ row: 1 }, ['context'])))
    for (const sealed of batch) nonces.add(sealed.split('.')[2] ?? '')
  }
  expect(nonces.size).toBe(SEALS)
  // 96 bits in base64url.
  expect(new Set([...nonces].map(({ length }) => length))).toEqual(new Set([16]))
})
