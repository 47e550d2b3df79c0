import { AtprotoAuthError } from 'next-atproto-auth'
import { auth } from '../auth'
import { listPosts } from '../posts'
import { post } from './actions'

export default async function Home() {
  const session = await auth.requireSession({ returnTo: '/' })
  const posts = await listPosts(session).catch((error: unknown) => {
    if (error instanceof AtprotoAuthError) return undefined
    throw error
  })
  return (
    <main>
      <h1>My App</h1>
      <p>Signed in as {session.did}</p>
      <form action={post}>
        <textarea name="text" aria-label="Your post" required />
        <button type="submit">Post</button>
      </form>
      {posts ? (
        <ul>
          {posts.map(({ uri, value }) => (
            <li key={uri}>{value.text}</li>
          ))}
        </ul>
      ) : (
        <p role="alert">Your posts cannot be loaded now.</p>
      )}
      <form method="post" action="/oauth/logout">
        <button type="submit">Sign out</button>
      </form>
    </main>
  )
}
