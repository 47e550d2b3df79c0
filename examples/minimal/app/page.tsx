import { redirect } from 'next/navigation'
import { Suspense } from 'react'
import { auth } from '../auth'

interface Props {
  readonly searchParams: Promise<{ readonly posted?: string }>
}

export default function Home({ searchParams }: Props) {
  return (
    <main>
      <h1>My App</h1>
      <Suspense fallback={<p>Signed in as …</p>}>
        <SignedInAs />
      </Suspense>
      <form action={post}>
        <textarea name="text" aria-label="Your post" required />
        <button type="submit">Post</button>
      </form>
      <form method="post" action="/oauth/logout">
        <button type="submit">Sign out</button>
      </form>
      <Suspense>
        <Status searchParams={searchParams} />
      </Suspense>
    </main>
  )
}

async function SignedInAs() {
  const session = await auth.requireSession({ returnTo: '/' })
  return <p>Signed in as {session.did}</p>
}

async function Status({ searchParams }: Props) {
  const { posted } = await searchParams
  return posted ? <p role="status">Posted</p> : null
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
