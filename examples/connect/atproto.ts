import { createAtprotoAuth } from 'next-atproto-auth'
import { currentUser } from './auth'
import { saveConnection } from './connections'

export const atproto = createAtprotoAuth({
  clientName: 'My App',
  scope: 'atproto repo:app.bsky.feed.post?action=create',
  // Shows errors of which it is not known where they began.
  signInPage: '/',
  connect: {
    currentUser: async () => (await currentUser())?.id,
    onConnected: ({ did, sessionId, link }) => saveConnection({ userId: link, did, sessionId }),
  },
})
