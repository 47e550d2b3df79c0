/** The server actions of this app. Each is a public endpoint: it checks the session and every argument itself. */
'use server'

import { revalidatePath } from 'next/cache'
import { RedirectType, redirect } from 'next/navigation'
import { z } from 'zod'
import { auth } from '../auth.ts'
import type { Problem } from './_data/answer.ts'
import { createPost, deletePost, rkeySchema } from './_data/posts.ts'
import { uploadFiles } from './_data/upload-pictures.ts'
import { type AttachedPicture, maxPictures, pictureWords } from './compose/picture-limits.ts'
import { findPostTextProblem, normalizePostText } from './compose/post-text.ts'
import { readDraft } from './compose/read-draft.ts'

export interface ComposeState {
  /** What was typed, so that an error costs nobody their text. */
  readonly text: string
  /** What is uploaded already, for the same reason. */
  readonly pictures: readonly AttachedPicture[]
  readonly error?: string
}

// Actions can be called with anything, not only by their own forms.
const deleteSchema = z
  .instanceof(FormData)
  .transform((form) => Object.fromEntries(form))
  .pipe(z.object({ account: z.string(), rkey: rkeySchema }))

/** Posts what was typed and chosen, and goes home; otherwise returns it with what is wrong. */
export async function composePost(_previous: ComposeState, form: FormData): Promise<ComposeState> {
  const session = await auth.getSession()
  const draft = readDraft(form)
  if (!draft) return { text: '', pictures: [], error: 'That could not be read. Load this page again.' }
  const keep = (error: string, pictures = draft.attached) => ({ text: draft.text, pictures, error })
  // Not a redirect to sign in: that would throw away what was written.
  if (!session) return keep(composeErrors.session_ended)
  if (draft.account !== session.did) return keep(otherAccount)
  const text = normalizePostText(draft.text)
  const count = draft.attached.length + draft.files.length
  const error = findPostTextProblem(text, count > 0) ?? (count > maxPictures ? pictureWords.count : undefined)
  if (error !== undefined) return keep(error)

  const uploaded = await uploadFiles(session, draft.files)
  const pictures = [...draft.attached, ...uploaded.done]
  if (uploaded.error !== undefined) return keep(uploaded.error, pictures)
  const answer = await createPost(session, { text, pictures, createdAt: new Date() })
  if (!answer.ok) return keep(composeErrors[answer.problem], pictures)
  revalidatePath('/')
  redirect('/?notice=posted')
}

/** Removes one post of the signed-in person and goes home, with a word about how it went. */
export async function removePost(form: FormData): Promise<void> {
  const session = await auth.requireSession({ returnTo: '/' })
  const input = deleteSchema.safeParse(form)
  if (input.success && input.data.account !== session.did)
    redirect('/?notice=other-account', RedirectType.replace)
  const answer = input.success ? await deletePost(session, input.data.rkey) : undefined
  revalidatePath('/')
  redirect(answer?.ok ? '/?notice=deleted' : '/?notice=not-deleted', RedirectType.replace)
}

const otherAccount =
  'You have switched to another account since. Copy your text, load this page again, and post it then.'

const composeErrors: Readonly<Record<Problem, string>> = {
  // The request may have arrived although the answer did not: a second try could post twice.
  unavailable:
    'Your server did not answer. Look at your posts before you try again: it may have got this one.',
  session_ended: 'Your session has ended. Copy your text, sign in again, and post it then.',
  not_found: 'Your server did not take the post. Try again in a moment.',
  not_supported: 'Your server does not take posts.',
  scope_missing: 'Your server has not allowed this app to post. Sign out and in again to allow it.',
  refused: 'Your server did not take the post. Signing out and in again may help.',
}
