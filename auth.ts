/** The one place where this application calls `createAtprotoAuth()`; pages and routes import from here. */
import { createAtprotoAuth } from 'next-atproto-auth'
import { appView, timelineScope } from './app-view.ts'
import { demoNetwork } from './demo-network.ts'

/** Enough for what most people come for: their own page and posts of words. */
const signInScope = 'atproto repo:app.bsky.feed.post'
/** Asked for by the pages that need it, once somebody wants to use them. */
export const pictureScope = 'blob:image/*'
const service = appView()

export const auth = createAtprotoAuth({
  clientName: 'Next ATProto',
  scope: [signInScope, pictureScope, ...(service ? [timelineScope(service)] : [])].join(' '),
  signInScope,
  signInPage: '/sign-in',
  logoUri: '/logo.svg',
  localNetwork: demoNetwork(),
})
