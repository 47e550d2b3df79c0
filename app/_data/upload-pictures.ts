/** Uploads pictures to the signed-in person's PDS (`com.atproto.repo.uploadBlob`), unchanged. */
import 'server-only'
import type { OAuthSession } from 'next-atproto-auth'
import { z } from 'zod'
import { readImageHeader } from '../compose/image-header.ts'
import {
  type AttachedPicture,
  maxPictureBytes,
  pictureProblems,
  type UploadedPicture,
} from '../compose/picture-limits.ts'
import type { ChosenFile } from '../compose/read-draft.ts'
import { answerOf, type Problem, writeLimits } from './answer.ts'
import { blobSchema } from './blob.ts'

export type Upload =
  | { readonly ok: true; readonly picture: UploadedPicture }
  /** A sentence to show. */
  | { readonly ok: false; readonly error: string }

const answerSchema = z.object({ blob: blobSchema })

/** Uploads one picture. A PDS deletes it again if no post refers to it within about an hour. */
export async function uploadPicture(
  session: OAuthSession,
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
): Promise<Upload> {
  if (bytes.length > maxPictureBytes) return { ok: false, error: pictureProblems.size(name, bytes.length) }
  const header = readImageHeader(bytes)
  if (!header) return { ok: false, error: pictureProblems.type(name) }
  const { mimeType, width, height } = header
  const answer = await answerOf(
    session.post('com.atproto.repo.uploadBlob', {
      ...writeLimits,
      body: bytes,
      encoding: mimeType,
      schema: answerSchema,
    }),
  )
  if (!answer.ok) return { ok: false, error: uploadErrors[answer.problem] }
  return { ok: true, picture: { cid: answer.value.blob.cid, mimeType, size: bytes.length, width, height } }
}

/** Uploads files one after the other, up to the first that fails: `done` is what was uploaded, `error` why it stopped. */
export async function uploadFiles(
  session: OAuthSession,
  files: readonly ChosenFile[],
): Promise<{ readonly done: readonly AttachedPicture[]; readonly error?: string }> {
  const done: AttachedPicture[] = []
  for (const { file, alt } of files) {
    const upload = await uploadPicture(session, new Uint8Array(await file.arrayBuffer()), file.name)
    if (!upload.ok) return { done, error: upload.error }
    done.push({ picture: upload.picture, alt })
  }
  return { done }
}

const uploadErrors: Readonly<Record<Problem, string>> = {
  unavailable: 'Your server did not answer. Try again in a moment.',
  session_ended: 'Your session has ended. Copy your text, sign in again, and post it then.',
  scope_missing: 'This app does not have your permission to upload pictures yet.',
  not_supported: 'Your server does not accept pictures.',
  not_found: 'Your server did not accept the picture.',
  refused: 'Your server did not accept the picture. It may be too large, or your storage there may be full.',
}
