import { createTestNetwork } from 'next-atproto-auth/testing'
import { networkPort } from './settings'

/** Playwright runs it before all tests, and what it returns after them. */
export default async function startNetwork() {
  const network = await createTestNetwork({ port: networkPort, accounts: ['alice.test', 'bob.test'] })
  return () => network.stop()
}
