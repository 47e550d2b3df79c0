import { redirect } from 'next/navigation'
import { Suspense } from 'react'
import { auth } from '../../auth'

type Query = Promise<{ readonly posted?: string }>

export default function Account({ searchParams }: { readonly searchParams: Query }) {
  return (
    <Suspense fallback={<p>Loading</p>}>
      <Guarded searchParams={searchParams} />
    </Suspense>
  )
}

async function Guarded({ searchParams }: { readonly searchParams: Query }) {
  const session = await auth.requireSession({ returnTo: '/account' })
  const { posted } = await searchParams
  return (
    <form action={write}>
      <p>The account of {session.did}</p>
      {posted && <p>Posted</p>}
      <label>
        Text <input name="text" />
      </label>
      <button type="submit">Post</button>
    </form>
  )
}

async function write(form: FormData) {
  'use server'
  const session = await auth.requireSession({ returnTo: '/account' })
  const record = {
    $type: 'app.bsky.feed.post',
    text: String(form.get('text')),
    createdAt: new Date().toISOString(),
  }
  await session.post('com.atproto.repo.createRecord', {
    body: { repo: session.did, collection: 'app.bsky.feed.post', record },
  })
  redirect('/account?posted=1')
}
