import Link from 'next/link'
import { pictureScope } from '../../auth.ts'
import { requirePerson } from '../_data/session.ts'
import { OutageNote } from '../_failure/outage.tsx'
import { Streamed } from '../_frame/streamed.tsx'
import { ComposeForm, PartsForEveryone, PartsOfAccount } from './compose-form.tsx'
import type { ComposeState } from './failed-draft.ts'

/** The heading, the form, and where the post is stored. `failed` is a draft that was sent without scripts. */
export function ComposeCard({ failed }: { readonly failed?: ComposeState | undefined }) {
  return (
    <div className="narrow tall">
      <h1>Write a post</h1>
      <ComposeForm failed={failed}>
        <Streamed placeholder={<PartsForEveryone />}>
          <PartsOfPerson />
        </Streamed>
      </ComposeForm>
      <p className="muted">
        Your post is stored on your server, and anyone can read it. <Link href="/">Back to your page</Link>
      </p>
      <Streamed placeholder={null}>
        <Server />
      </Streamed>
    </div>
  )
}

async function PartsOfPerson() {
  const session = await requirePerson('/compose')
  if (session === 'outage') return <PartsForEveryone />
  return <PartsOfAccount account={session.did} canUpload={session.can(pictureScope)} />
}

async function Server() {
  const session = await requirePerson('/compose')
  if (session === 'outage') return <OutageNote path="/compose" />
  return (
    <p className="muted">
      Your server is <strong>{new URL(session.pds).host}</strong>.
    </p>
  )
}
