import { redirect } from 'next/navigation'
import { auth } from '../auth'

type Query = Promise<{ readonly posted?: string }>

export default async function Home({ searchParams }: { readonly searchParams: Query }) {
  const session = await auth.requireSession({ returnTo: '/' })
  const { posted } = await searchParams
  return (
    <main>
      <h1>My App</h1>
      <p>Signed in as {session.did}</p>
      {posted && <p role="status">Posted</p>}
      <form action={post}>
        <textarea name="text" aria-label="Your post" required />
        <button type="submit">Post</button>
      </form>
      <form method="post" action="/oauth/logout">
        <button type="submit">Sign out</button>
      </form>
    </main>
  )
}

async function post(form: FormData) {
  'use server'
  const session = await auth.requireSession({ returnTo: '/' })
  const record = { $type: 'app.bsky.feed.post', text: form.get('text'), createdAt: new Date().toISOString() }
  await session.post('com.atproto.repo.createRecord', {
    body: { repo: session.did, collection: 'app.bsky.feed.post', record },
  })
  redirect('/?posted=1')
}
