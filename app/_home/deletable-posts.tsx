'use client'

import { type ReactNode, startTransition, useOptimistic } from 'react'
import { PostTime } from '../_post/post-time.tsx'
import { removePost } from '../actions.ts'

interface Item {
  readonly rkey: string
  /** Enough to tell which post a button belongs to. */
  readonly words: string
  readonly content: ReactNode
  readonly createdAt: Date | undefined
}

interface DeletablePostsProps {
  readonly posts: readonly Item[]
  /** DID of the account whose posts they are. */
  readonly account: string
  /** The heading that gets the focus when the button that had it is gone. */
  readonly titleId: string
}

/** Posts that vanish when they are deleted, and come back if the server did not do it. Forms do it without scripts. */
export function DeletablePosts({ posts, account, titleId }: DeletablePostsProps) {
  const [shown, hide] = useOptimistic(posts, (before, rkey: string) =>
    before.filter((post) => post.rkey !== rkey),
  )
  if (shown.length === 0) {
    return (
      <div className="card empty">
        <p>No posts yet.</p>
        <p className="muted">What you write is kept on your own server and shows up here.</p>
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
