/** POST /compose/upload: takes one picture from the form's script, so that it can show how far the upload is. */
import { auth } from '../../../auth.ts'
import { uploadPicture } from '../../_data/upload-pictures.ts'
import { maxPictureBytes, pictureWords } from '../picture-limits.ts'

/** 200 with the picture, else `error` in words for the person: 400, 401, 403, 409, 413. */
export async function POST(request: Request): Promise<Response> {
  // Route handlers get no check by Next: a form on another site must not upload in this person's name.
  if (request.headers.get('sec-fetch-site') !== 'same-origin') return problem(403, 'This page cannot upload.')
  const session = await auth.getSession()
  if (session === null) return problem(401, 'Your session has ended. Copy your text and sign in again.')
  const { searchParams } = new URL(request.url)
  if (searchParams.get('account') !== session.did) {
    return problem(409, 'You have switched to another account since. Copy your text and load the page again.')
  }
  const name = searchParams.get('name') ?? 'The picture'
  const bytes = await readAtMost(request, maxPictureBytes)
  if (bytes === undefined) return problem(413, pictureWords.size(name, declaredSize(request)))
  const upload = await uploadPicture(session, bytes, name)
  return upload.ok ? answer(200, upload.picture) : problem(400, upload.error)
}

/** The body; undefined as soon as it is known to be larger, without reading on. */
async function readAtMost(request: Request, limit: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (declaredSize(request) > limit) return undefined
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength
    if (size > limit) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function declaredSize(request: Request): number {
  return Number(request.headers.get('content-length') ?? 0)
}

function problem(status: number, error: string): Response {
  return answer(status, { error })
}

function answer(status: number, body: unknown): Response {
  return Response.json(body, { status, headers: { 'cache-control': 'private, no-store', vary: 'Cookie' } })
}
