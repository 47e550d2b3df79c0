'use client'

import { type ReactNode, startTransition, useOptimistic } from 'react'
import { PostTime } from '../_post/post-time.tsx'
import { removePost } from '../actions.ts'

interface Item {
  readonly rkey: string
  /** The start of the text, which tells screen readers which post a button deletes. */
  readonly words: string
  readonly content: ReactNode
  readonly createdAt: Date | undefined
}

interface DeletablePostsProps {
  readonly posts: readonly Item[]
  /** The DID of the account that the posts belong to. */
  readonly account: string
  /** The id of the heading that gets the focus after a deletion. */
  readonly titleId: string
}

/** Posts that disappear at once when they are deleted, and reappear if the PDS refuses. Without scripts, plain forms delete them. */
export function DeletablePosts({ posts, account, titleId }: DeletablePostsProps) {
  const [shown, hide] = useOptimistic(posts, (before, rkey: string) =>
    before.filter((post) => post.rkey !== rkey),
  )
  if (shown.length === 0) {
    return (
      <div className="card empty">
        <p>No posts yet.</p>
        <p className="muted">What you write is stored on your server and appears here.</p>
      </div>
    )
  }
  const removeNow = (rkey: string, form: FormData) => {
    document.getElementById(titleId)?.focus()
    startTransition(async () => {
      hide(rkey)
      await removePost(form)
    })
  }
  return (
    <ol className="post-list">
      {shown.map(({ rkey, words, content, createdAt }) => (
        <li className="card post" key={rkey}>
          <article>
            {content}
            <div className="post-foot">
              <PostTime at={createdAt} />
              <form
                action={removePost}
                onSubmit={(event) => {
                  event.preventDefault()
                  removeNow(rkey, new FormData(event.currentTarget))
                }}
              >
                <input type="hidden" name="account" value={account} />
                <input type="hidden" name="rkey" value={rkey} />
                <button className="button plain" type="submit">
                  Delete<span className="visually-hidden"> post: {words}</span>
                </button>
              </form>
            </div>
          </article>
        </li>
      ))}
    </ol>
  )
}
