/** The one place where this application calls `createAtprotoAuth()`; pages and routes import from here. */
import { createAtprotoAuth } from 'next-atproto-auth'
import { demoNetwork } from './demo-network.ts'

export const auth = createAtprotoAuth({
  clientName: 'Next ATProto',
  scope: 'atproto repo:app.bsky.feed.post',
  signInPage: '/sign-in',
  logoUri: '/logo.svg',
  localNetwork: demoNetwork(),
})
