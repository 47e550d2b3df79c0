import { type AtprotoAuth, AtprotoAuthError, createAtprotoAuth } from 'next-atproto-auth'
import { currentUser } from './auth'
import { connectionsOf, endConnection, saveConnection } from './connections'

const POST = 'repo:app.bsky.feed.post?action=create'

export const atproto: AtprotoAuth = createAtprotoAuth({
  clientName: 'My App',
  scope: `atproto ${POST}`,
  // Shows errors of which it is not known where they began.
  signInPage: '/',
  connect: {
    currentUser: async () => (await currentUser())?.id,
    async onConnected({ did, sessionId, link, session }) {
      if (!session.can(POST)) throw new AtprotoAuthError('connect_refused', 'Posts were not allowed.')
      // The account may be connected already: without this, a job would post twice.
      const earlier = connectionsOf(link).find((connection) => connection.did === did)
      if (earlier) await atproto.disconnect(did, earlier)
      saveConnection({ userId: link, did, sessionId })
    },
  },
  onSessionLost: ({ sessionId }) => endConnection({ sessionId }),
})
