import type { Answer } from '../_data/answer.ts'
import type { Post } from '../_data/posts.ts'
import { PostBody } from '../_post/post-body.tsx'
import { DeletablePosts } from './deletable-posts.tsx'

export interface Notice {
  readonly text: string
  readonly isProblem: boolean
}

interface PostListProps {
  readonly posts: Answer<readonly Post[]>
  /** The DID of the account that the posts belong to. */
  readonly account: string
  /** The host of the person's PDS. */
  readonly server: string
  /** How the last action went, if there was one. */
  readonly notice: Notice | undefined
}

/** The latest posts, each with a button that deletes it. */
export function PostList({ posts, account, server, notice }: PostListProps) {
  return (
    <section className="posts" aria-labelledby="posts-title">
      <h2 id="posts-title" tabIndex={-1}>
        Recent posts
      </h2>
      {/* Always rendered, so that screen readers announce a change of its text. */}
      <p className={notice?.isProblem ? 'notice problem' : 'notice'} role="status">
        {notice?.text}
      </p>
      {posts.ok ? (
        <DeletablePosts posts={posts.value.map(toItem)} account={account} titleId="posts-title" />
      ) : (
        <PostsMissing server={server} />
      )}
    </section>
  )
}

function toItem({ rkey, text, facets, pictures, createdAt }: Post) {
  // The route ignores `v`: it is for the browser's cache.
  const shown = pictures.map(({ alt, size, blob }, at) => ({
    alt,
    size,
    src: `/picture?${new URLSearchParams({ post: rkey, at: String(at), v: blob.cid })}`,
  }))
  return {
    rkey,
    words: firstWords(text),
    content: <PostBody text={text} facets={facets} pictures={shown} />,
    createdAt,
  }
}

function PostsMissing({ server }: { readonly server: string }) {
  return (
    <div className="card empty">
      <p>Your server {server} did not return your posts.</p>
      <p>
        {/* A plain link, because it loads the whole page again. */}
        <a className="button quiet" href="/">
          Try again
        </a>
      </p>
    </div>
  )
}

/** The start of a text, to tell posts apart. */
function firstWords(text: string): string {
  return text.trim() === '' ? 'without text' : text.trim().split(/\s+/).slice(0, 5).join(' ').slice(0, 60)
}
