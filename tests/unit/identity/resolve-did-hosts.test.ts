import { describe, expect, it } from 'vitest'
import { resolveDid } from '../../../lib/identity/resolve-did.ts'
import { parseDid } from '../../../lib/identity/syntax.ts'
import { createGuardedFetch } from '../../../lib/net/guarded-fetch.ts'
import { recordConnectionAttempts } from '../../support/unit/connection-attempts.ts'
import { ALICE } from '../../support/unit/names.ts'
import { createWorld } from '../../support/unit/world.ts'

const PLC = 'https://plc.host.dev'
const notFound = { code: 'identity_not_found' }

describe('resolveDid asks', () => {
  it.each(['did:web:host.dev:user', 'did:web:localhost%3A2583', 'did:web:10.0.0.1', 'did:key:z6Mk'])(
    'ID-6 nobody about %s, which is no DID here',
    (text) => {
      expect(() => parseDid(text)).toThrow(expect.objectContaining({ code: 'invalid_identifier' }))
    },
  )

  it.each(['did:web:host.internal', 'did:web:host.local', 'did:web:a.localhost', 'did:web:host.test'])(
    'ID-6 SF-1 nobody about %s, whose name is reserved',
    async (text) => {
      const deps = { fetch: createGuardedFetch(), plcDirectory: PLC, allowLoopback: false }
      const attempts = recordConnectionAttempts()
      await expect(resolveDid(parseDid(text), deps)).rejects.toMatchObject(notFound)
      expect(attempts).toEqual([])
    },
  )

  it('SF-1 no PLC directory on another port than that of https', async () => {
    const { fetch, asked } = await createWorld({})
    const deps = { fetch, plcDirectory: `${PLC}:8443`, allowLoopback: false }
    await expect(resolveDid(ALICE, deps)).rejects.toMatchObject({ code: 'configuration' })
    expect(asked).toEqual([])
  })
})
