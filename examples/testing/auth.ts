import { createAtprotoAuth } from 'next-atproto-auth'
import { scope } from './scope'

// The address of the network of the tests, which playwright.config.ts sets. Anywhere else there is none.
const { TEST_NETWORK } = process.env

export const auth = createAtprotoAuth({
  clientName: 'My App',
  scope,
  ...(TEST_NETWORK && { localNetwork: { plcDirectory: TEST_NETWORK, handleResolver: TEST_NETWORK } }),
})
