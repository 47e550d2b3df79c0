import type { TimelinePost } from '../_data/timeline.ts'
import { Avatar } from '../_frame/avatar.tsx'
import { PostBody } from '../_post/post-body.tsx'
import { PostTime } from '../_post/post-time.tsx'

interface TimelinePostsProps {
  readonly posts: readonly TimelinePost[]
  readonly isFirstPage: boolean
}

/** Posts with their authors, newest first. */
export function TimelinePosts({ posts, isFirstPage }: TimelinePostsProps) {
  if (posts.length === 0) {
    return (
      <div className="card empty">
        <p>{isFirstPage ? 'Nothing here yet.' : 'There are no more posts.'}</p>
        {isFirstPage ? (
          <p className="muted">Posts by the people you follow appear here, together with your own.</p>
        ) : null}
      </div>
    )
  }
  return (
    <ol className="post-list">
      {posts.map((post, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a post and its repost share a URI, and the list never changes
        <li className="card post" key={`${post.uri} ${at}`}>
          <article>
            {post.repostedBy === undefined ? null : (
              <p className="muted" dir="auto">
                Reposted by {post.repostedBy}
              </p>
            )}
            <Author post={post} />
            <Body post={post} />
            <div className="post-foot timed">
              <PostTime at={post.createdAt} />
            </div>
          </article>
        </li>
      ))}
    </ol>
  )
}

/** Text and pictures. Pictures with a warning are shown on request; no script is needed. */
function Body({ post: { text, facets, pictures, warning } }: { readonly post: TimelinePost }) {
  if (warning === undefined || pictures.length === 0) {
    return <PostBody text={text} facets={facets} pictures={pictures} />
  }
  return (
    <>
      {text === '' ? null : <PostBody text={text} facets={facets} pictures={[]} />}
      <details className="warned">
        <summary>{warning}: show pictures</summary>
        <PostBody text="" facets={[]} pictures={pictures} />
      </details>
    </>
  )
}

function Author({ post: { author } }: { readonly post: TimelinePost }) {
  const handle = `@${author.handle}`
  return (
    <div className="author">
      <Avatar src={author.avatar} name={author.name} size={40} />
      <div className="account-names">
        <h2 className="account-name" dir="auto">
          {author.name}
        </h2>
        {author.name === handle ? null : <span className="handle">{handle}</span>}
      </div>
    </div>
  )
}
