import type { Metadata } from 'next'
import Link from 'next/link'
import { auth, pictureScope } from '../../auth.ts'
import { ComposeForm } from './compose-form.tsx'

export const metadata: Metadata = { title: 'Write a post' }

/** The page to write a post. Visitors are sent to the sign-in page and come back here. */
export default async function ComposePage() {
  const session = await auth.requireSession({ returnTo: '/compose' })
  return (
    <div className="narrow">
      <h1>Write a post</h1>
      <ComposeForm account={session.did} canUpload={session.can(pictureScope)} />
      <p className="muted">
        Your post is stored on your server, <strong>{new URL(session.pds).host}</strong>, and anyone can read
        it. <Link href="/">Back to your page</Link>
      </p>
    </div>
  )
}
