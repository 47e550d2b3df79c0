/** The server actions of this app. Each is a public endpoint: it checks the session and every argument itself. */
'use server'

import { revalidatePath } from 'next/cache'
import { RedirectType, redirect } from 'next/navigation'
import { z } from 'zod'
import { auth } from '../auth.ts'
import { createPost, deletePost, rkeySchema } from './_data/posts.ts'
import type { Problem } from './_data/xrpc.ts'
import { findPostTextProblem, normalizePostText } from './compose/post-text.ts'

export interface ComposeState {
  /** What was typed, so that an error costs nobody their text. */
  readonly text: string
  readonly error?: string
}

// Actions can be called with anything, not only by their own forms.
const formSchema = z.instanceof(FormData).transform((form) => Object.fromEntries(form))
const composeSchema = formSchema.pipe(z.object({ text: z.string() }))
const deleteSchema = formSchema.pipe(z.object({ rkey: rkeySchema }))

/** Posts what was typed and goes home; otherwise returns the text with what is wrong. */
export async function composePost(_previous: ComposeState, form: FormData): Promise<ComposeState> {
  const session = await auth.getSession()
  const input = composeSchema.safeParse(form)
  if (!input.success) return { text: '', error: 'Write something first.' }
  // Not a redirect to sign in: that would throw away what was written.
  if (!session) return { text: input.data.text, error: composeErrors.session_ended }
  const text = normalizePostText(input.data.text)
  const error = findPostTextProblem(text)
  if (error !== undefined) return { text: input.data.text, error }

  const answer = await createPost(session, text, new Date())
  if (!answer.ok) return { text: input.data.text, error: composeErrors[answer.problem] }
  revalidatePath('/')
  redirect('/')
}

/** Removes one post of the signed-in person and goes home, with a word about how it went. */
export async function removePost(form: FormData): Promise<void> {
  const session = await auth.requireSession({ returnTo: '/' })
  const input = deleteSchema.safeParse(form)
  const answer = input.success ? await deletePost(session, input.data.rkey) : undefined
  revalidatePath('/')
  redirect(answer?.ok ? '/?notice=deleted' : '/?notice=not-deleted', RedirectType.replace)
}

const composeErrors: Readonly<Record<Problem, string>> = {
  // The request may have arrived although the answer did not: a second try could post twice.
  unavailable:
    'Your server did not answer. Look at your posts before you try again: it may have got this one.',
  session_ended: 'Your session has ended. Copy your text, sign in again, and post it then.',
  not_found: 'Your server did not take the post. Try again in a moment.',
  refused: 'Your server did not take the post. Signing out and in again may help.',
}
