import { createAtprotoAuth } from 'next-atproto-auth'

export const auth = createAtprotoAuth({ clientName: 'My App', scope: 'atproto repo:app.bsky.feed.post' })
