import type { Post } from '../_data/posts.ts'
import type { Answer } from '../_data/xrpc.ts'
import { removePost } from '../actions.ts'

export interface Notice {
  readonly text: string
  readonly isProblem: boolean
}

interface PostListProps {
  readonly posts: Answer<readonly Post[]>
  /** The host of the person's PDS. */
  readonly server: string
  /** How the last action went, if there was one. */
  readonly notice: Notice | undefined
}

const timeFormat = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'medium',
  timeStyle: 'short',
  timeZone: 'UTC',
})

/** The latest posts, each with a button that deletes it. */
export function PostList({ posts, server, notice }: PostListProps) {
  return (
    <section className="posts" aria-labelledby="posts-title">
      <h2 id="posts-title">Recent posts</h2>
      {/* Always there, so that screen readers notice when its text changes. */}
      <p className={notice?.isProblem ? 'notice problem' : 'notice'} role="status">
        {notice?.text}
      </p>
      {posts.ok ? <Posts posts={posts.value} /> : <PostsMissing server={server} />}
    </section>
  )
}

function Posts({ posts }: { readonly posts: readonly Post[] }) {
  if (posts.length === 0) {
    return (
      <div className="card empty">
        <p>No posts yet.</p>
        <p className="muted">What you write is kept on your own server and shows up here.</p>
      </div>
    )
  }
  return (
    <ol className="post-list">
      {posts.map((post) => (
        <li className="card post" key={post.rkey}>
          <PostItem post={post} />
        </li>
      ))}
    </ol>
  )
}

function PostItem({ post }: { readonly post: Post }) {
  return (
    <article>
      {post.text === '' ? (
        <p className="muted">A post without words.</p>
      ) : (
        <p className="post-text" dir="auto">
          {post.text}
        </p>
      )}
      <div className="post-foot">
        {post.createdAt === undefined ? (
          <span className="muted">No date</span>
        ) : (
          <time dateTime={post.createdAt.toISOString()}>{timeFormat.format(post.createdAt)} UTC</time>
        )}
        <form action={removePost}>
          <input type="hidden" name="rkey" value={post.rkey} />
          <button className="button plain" type="submit">
            Delete<span className="visually-hidden"> post: {firstWords(post.text)}</span>
          </button>
        </form>
      </div>
    </article>
  )
}

function PostsMissing({ server }: { readonly server: string }) {
  return (
    <div className="card empty">
      <p>Your server {server} did not hand out your posts.</p>
      <p>
        {/* A plain link: trying again should work with whatever is left of a broken page. */}
        <a className="button quiet" href="/">
          Try again
        </a>
      </p>
    </div>
  )
}

/** Enough of a text to tell which post a button belongs to. */
function firstWords(text: string): string {
  return text.trim() === '' ? 'without words' : text.trim().split(/\s+/).slice(0, 5).join(' ').slice(0, 60)
}
