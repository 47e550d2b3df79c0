import { createAtprotoAuth } from 'next-atproto-auth'

// The address of the network of the benchmark.
const { TEST_NETWORK = '' } = process.env

export const auth = createAtprotoAuth({
  clientName: 'A benchmark',
  localNetwork: { plcDirectory: TEST_NETWORK, handleResolver: TEST_NETWORK },
})
