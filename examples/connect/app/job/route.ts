/** A job that something calls on a schedule: `POST /job` with CRON_SECRET, and a text if there is a new post. */
import { allConnections } from '../../connections'
import { type Outcome, postForAll } from '../../jobs/post-for-all'
import { newPost } from '../../jobs/post-once'
import { finishPost, openPosts, savePost } from '../../posts'

export async function POST(request: Request): Promise<Response> {
  const secret = process.env.CRON_SECRET
  if (!secret || request.headers.get('authorization') !== `Bearer ${secret}`) {
    return new Response('Not allowed', { status: 401 })
  }
  const text = await request.text()
  if (text !== '') savePost(newPost(text))
  const all: Outcome[] = []
  for (const post of openPosts()) {
    const outcomes = await postForAll(
      allConnections().filter(({ isEnded }) => !isEnded),
      post,
    )
    if (!outcomes.includes('later')) finishPost(post)
    all.push(...outcomes)
  }
  const count = (wanted: Outcome) => all.filter((outcome) => outcome === wanted).length
  return Response.json({ posted: count('posted'), later: count('later'), ended: count('ended') })
}
