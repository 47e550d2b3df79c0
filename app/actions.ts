/** The server actions for posts. Each is a public endpoint: it checks the session and every argument itself. */
'use server'

import { revalidatePath } from 'next/cache'
import { RedirectType, redirect } from 'next/navigation'
import type { OAuthSession } from 'next-atproto-auth'
import { z } from 'zod'
import { auth } from '../auth.ts'
import type { Problem } from './_data/answer.ts'
import { pageAfter } from './_data/page-after.ts'
import { createPost, deletePost, rkeySchema } from './_data/posts.ts'
import { readSession, requirePerson } from './_data/session.ts'
import { uploadFiles } from './_data/upload-pictures.ts'
import { findFacets } from './compose/facets.ts'
import { type ComposeState, keepFailedDraft } from './compose/failed-draft.ts'
import { maxPictures, pictureProblems } from './compose/picture-limits.ts'
import { findPostTextProblem, normalizePostText } from './compose/post-text.ts'
import { readDraft } from './compose/read-draft.ts'

// Anyone can call an action with any value, not only its form.
const deleteSchema = z
  .instanceof(FormData)
  .transform((form) => Object.fromEntries(form))
  .pipe(z.object({ account: z.string(), rkey: rkeySchema }))

/** Writes the post and redirects to the home page. If that fails, returns the draft with an error. */
export async function composePost(_previous: ComposeState, form: FormData): Promise<ComposeState> {
  const failed = await writePost(form)
  await keepFailedDraft(failed)
  return failed
}

async function writePost(form: FormData): Promise<ComposeState> {
  const session = await readSession()
  const draft = readDraft(form)
  if (!draft) return { text: '', pictures: [], error: 'The form could not be read. Reload this page.' }
  const keep = (error: string, pictures = draft.attached) => ({ text: draft.text, pictures, error })
  // No redirect to the sign-in page: the text would be lost.
  if (!session) return keep(composeErrors.session_ended)
  if (session === 'outage') return keep(outage)
  if (draft.account === undefined) {
    const question = await askForAccount(session)
    if (question !== undefined) return { ...keep(question), account: session.did }
  } else if (draft.account !== session.did) return keep(otherAccount)
  const text = normalizePostText(draft.text)
  const count = draft.attached.length + draft.files.length
  const error =
    findPostTextProblem(text, count > 0) ?? (count > maxPictures ? pictureProblems.count : undefined)
  if (error !== undefined) return keep(error)

  const uploaded = await uploadFiles(session, draft.files)
  const pictures = [...draft.attached, ...uploaded.done]
  if (uploaded.error !== undefined) return keep(uploaded.error, pictures)
  const { facets, isComplete } = await findFacets(text, await auth.client())
  const answer = await createPost(session, { text, facets, pictures, createdAt: new Date() })
  if (!answer.ok) return keep(composeErrors[answer.problem], pictures)
  revalidatePath('/')
  redirect(await pageAfter('/', isComplete ? 'posted' : 'posted-unmentioned'))
}

/** Deletes one post of the signed-in person and redirects to the home page, which says how it went. */
export async function removePost(form: FormData): Promise<void> {
  const session = await requirePerson('/')
  // The page explains it.
  if (session === 'outage') redirect(await pageAfter('/', 'not-deleted'), RedirectType.replace)
  const input = deleteSchema.safeParse(form)
  if (input.success && input.data.account !== session.did)
    redirect(await pageAfter('/', 'other-account'), RedirectType.replace)
  const answer = input.success ? await deletePost(session, input.data.rkey) : undefined
  revalidatePath('/')
  redirect(await pageAfter('/', answer?.ok ? 'deleted' : 'not-deleted'), RedirectType.replace)
}

/**
 * The question which account a form is for that does not name one: it was sent before the session arrived, or with
 * JavaScript off. Undefined when this browser has only one account.
 */
async function askForAccount(session: OAuthSession): Promise<string | undefined> {
  const accounts = await auth.listAccounts()
  if (accounts.length < 2) return undefined
  const handle = await session.getHandle().catch(() => null) // The DID names the account as well.
  return `You are signed in with ${accounts.length} accounts. To post this as ${handle === null ? session.did : `@${handle}`}, press “Post” again.`
}

const outage = 'This app cannot check right now whether you are signed in. Wait a moment and post it again.'

const otherAccount =
  'You have switched to another account in the meantime. Copy your text, reload this page, and post it again.'

const composeErrors: Readonly<Record<Problem, string>> = {
  // The PDS may have done the work although its answer did not arrive: a second try could post twice.
  unavailable:
    'Your server did not answer. Check your posts before you try again: this one may have been posted.',
  session_ended: 'Your session has ended. Copy your text, sign in again, and post it then.',
  not_found: 'Your server did not accept the post. Try again in a moment.',
  not_supported: 'Your server does not accept posts.',
  scope_missing: 'This app does not have your permission to post. Sign out and sign in again to grant it.',
  refused: 'Your server did not accept the post. Signing out and in again may help.',
}
