import type { Metadata } from 'next'
import { readSession } from '../_data/session.ts'
import { OutageNote } from '../_failure/outage.tsx'
import { Streamed } from '../_frame/streamed.tsx'
import { AlreadySignedIn, SignInCard } from './sign-in-card.tsx'

export const metadata: Metadata = { title: 'Sign in' }

/** The sign-in page. With a query, such as an error, it is the page in whole/sign-in: see next.config.ts. */
export default function SignInPage() {
  return (
    <SignInCard>
      <Streamed placeholder={null}>
        <NoteOnSession />
      </Streamed>
    </SignInCard>
  )
}

async function NoteOnSession() {
  const session = await readSession()
  if (session === 'outage') return <OutageNote path="/sign-in" />
  return session === null ? null : <AlreadySignedIn />
}
