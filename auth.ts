/** The sign-in of this application. Pages, routes and actions import `auth` from here. */
import { createAtprotoAuth } from 'next-atproto-auth'
import { appView, timelineScope } from './app-view.ts'
import { demoNetwork } from './demo-network.ts'

/** Asked for at sign-in: enough to show the home page and to post text. */
const signInScope = 'atproto repo:app.bsky.feed.post'
/** Asked for later, when a person wants to add pictures to a post. */
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
