/** Everything that the application may ask for. A file of its own, because the tests need it without auth.ts. */
export const scope = 'atproto repo:app.bsky.feed.post'
