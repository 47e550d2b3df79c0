/**
 * GET /picture?post=RKEY&at=0: a picture of one of the signed-in person's posts, streamed from their PDS. The post says
 * which blob it is. The request does not, so that this route cannot be used to fetch anything else.
 */
import { z } from 'zod'
import { auth } from '../../auth.ts'
import { fetchPicture, pictureResponse } from '../_data/blob.ts'
import { readPost, rkeySchema } from '../_data/posts.ts'

const querySchema = z.object({ post: rkeySchema, at: z.coerce.number().int().min(0).max(3) })

/** The response is that of `pictureResponse`. */
export async function GET(request: Request): Promise<Response> {
  const session = await auth.getSession()
  const query = querySchema.safeParse(Object.fromEntries(new URL(request.url).searchParams))
  if (session === null || !query.success) return pictureResponse({ ok: false, problem: 'not_found' })
  const post = await readPost(session, query.data.post)
  if (!post.ok) return pictureResponse(post)
  return pictureResponse(await fetchPicture(session, post.value.pictures[query.data.at]?.blob))
}
