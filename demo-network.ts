/** The network that `npm run demo` starts on this machine. Your own application does not need this file. */
import type { LocalNetwork } from 'next-atproto-auth'
import { z } from 'zod'

const schema = z.object({ plcDirectory: z.url(), handleResolver: z.url(), ca: z.string().optional() })

/** The value of DEMO_NETWORK; undefined when it is not set, and the application uses the real network. */
export function demoNetwork(): LocalNetwork | undefined {
  const text = process.env.DEMO_NETWORK
  return text ? schema.parse(JSON.parse(text)) : undefined
}
