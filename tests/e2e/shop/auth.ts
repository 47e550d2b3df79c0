import { createAtprotoAuth } from 'next-atproto-auth'
import { demoNetwork } from '../../../demo-network.ts'

export const auth = createAtprotoAuth({ clientName: 'A shop', localNetwork: demoNetwork() })
