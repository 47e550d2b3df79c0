/** Uploads pictures to the signed-in person's PDS (`com.atproto.repo.uploadBlob`), byte for byte as they were chosen. */
import 'server-only'
import type { OAuthSession } from 'next-atproto-auth'
import { z } from 'zod'
import type { ChosenFile } from '../compose/draft.ts'
import { readImageHeader } from '../compose/image-header.ts'
import {
  type AttachedPicture,
  maxPictureBytes,
  pictureWords,
  type UploadedPicture,
} from '../compose/picture.ts'
import { blobSchema } from './blob.ts'
import { type Problem, procedure } from './xrpc.ts'

export type Upload =
  | { readonly ok: true; readonly picture: UploadedPicture }
  /** In words for the person. */
  | { readonly ok: false; readonly error: string }

const answerSchema = z.object({ blob: blobSchema })

/** The picture as the PDS has it now; a post has to name it within the hour, or the PDS forgets it. */
export async function uploadPicture(
  session: OAuthSession,
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
): Promise<Upload> {
  if (bytes.length > maxPictureBytes) return { ok: false, error: pictureWords.size(name, bytes.length) }
  const header = readImageHeader(bytes)
  if (!header) return { ok: false, error: pictureWords.type(name) }
  const { mimeType, width, height } = header
  const answer = await procedure(session, {
    nsid: 'com.atproto.repo.uploadBlob',
    body: new Blob([bytes], { type: mimeType }),
    schema: answerSchema,
  })
  if (!answer.ok) return { ok: false, error: uploadErrors[answer.problem] }
  return { ok: true, picture: { cid: answer.value.blob.cid, mimeType, size: bytes.length, width, height } }
}

/** Uploads files one after the other; after the first that fails, what has been uploaded and why it stopped. */
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
  scope_missing: 'Your server has not allowed this app to upload pictures yet.',
  not_supported: 'Your server does not take pictures.',
  not_found: 'Your server did not take the picture.',
  refused: 'Your server did not take the picture. It may be too large for it, or your space there is full.',
}
