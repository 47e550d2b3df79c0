/** An application whose pages try to keep a session in each of Next's caches. */
import { createAtprotoAuth } from 'next-atproto-auth'

const { DEMO_NETWORK } = process.env

export const auth = createAtprotoAuth(DEMO_NETWORK ? { localNetwork: JSON.parse(DEMO_NETWORK) } : {})
