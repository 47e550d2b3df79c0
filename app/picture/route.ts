/**
 * GET /picture?post=RKEY&at=0: a picture of one of the signed-in person's posts, streamed from their PDS. Which blob
 * it is comes from the post, never from the request, so this route cannot be used to fetch anything else.
 */
import { z } from 'zod'
import { auth } from '../../auth.ts'
import { fetchPicture, pictureResponse } from '../_data/blob.ts'
import { readPost, rkeySchema } from '../_data/posts.ts'

const querySchema = z.object({ post: rkeySchema, at: z.coerce.number().int().min(0).max(3) })

/** As `pictureResponse`. */
export async function GET(request: Request): Promise<Response> {
  const nothing = pictureResponse({ ok: false, problem: 'not_found' })
  const session = await auth.getSession()
  const wanted = querySchema.safeParse(Object.fromEntries(new URL(request.url).searchParams))
  if (session === null || !wanted.success) return nothing
  const post = await readPost(session, wanted.data.post)
  if (!post.ok) return pictureResponse(post)
  return pictureResponse(await fetchPicture(session, post.value.pictures[wanted.data.at]?.blob))
}
