/** POST /compose/upload: uploads one picture for the form's script, which shows the progress. */
import { auth } from '../../../auth.ts'
import { uploadPicture } from '../../_data/upload-pictures.ts'
import { maxPictureBytes, pictureProblems } from '../picture-limits.ts'

/** 200 with the picture; 400, 401, 403, 409 or 413 with `error`, a sentence for the person. */
export async function POST(request: Request): Promise<Response> {
  // Next checks the origin of server actions, but not of route handlers: another site must not upload as this person.
  if (request.headers.get('sec-fetch-site') !== 'same-origin')
    return problem(403, 'Pictures can be uploaded from this app only.')
  const session = await auth.getSession()
  if (session === null) return problem(401, 'Your session has ended. Copy your text and sign in again.')
  const { searchParams } = new URL(request.url)
  if (searchParams.get('account') !== session.did) {
    return problem(
      409,
      'You have switched to another account in the meantime. Copy your text and reload the page.',
    )
  }
  const name = searchParams.get('name') ?? 'The picture'
  const bytes = await readAtMost(request, maxPictureBytes)
  if (bytes === undefined) return problem(413, pictureProblems.size(name, declaredSize(request)))
  const upload = await uploadPicture(session, bytes, name)
  return upload.ok ? answer(200, upload.picture) : problem(400, upload.error)
}

/** The body; undefined when it is larger than the limit. No more than that is read. */
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
