/** The network that `npm run demo` starts on this machine; your own application needs nothing of the kind. */
import type { LocalNetwork } from 'next-atproto-auth'
import { z } from 'zod'

const schema = z.object({ plcDirectory: z.url(), handleResolver: z.url(), ca: z.string().optional() })

/** What DEMO_NETWORK says, undefined when it is not set: the application then reaches the real network. */
export function demoNetwork(): LocalNetwork | undefined {
  const text = process.env.DEMO_NETWORK
  return text ? schema.parse(JSON.parse(text)) : undefined
}
