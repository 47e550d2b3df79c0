import Link from 'next/link'
import { PostsSkeleton } from '../_frame/posts-skeleton.tsx'
import { SignOutForm } from '../_frame/sign-out-form.tsx'

/** The shape of the home page, with what needs nothing of the session. */
export function HomeSkeleton() {
  return (
    <div className="home">
      <div className="card profile">
        <div className="profile-head skeleton" aria-hidden="true">
          <span className="avatar" style={{ width: 72, height: 72 }} />
          <span className="line short" />
        </div>
        <div className="lines skeleton" aria-hidden="true">
          <span className="line" />
          <span className="line" />
        </div>
        <div className="actions">
          <Link className="button" href="/compose">
            Write a post
          </Link>
          <SignOutForm />
        </div>
      </div>
      <section className="posts loading">
        <h2>Recent posts</h2>
        <PostsSkeleton label="Your page is loading" posts={6} />
      </section>
    </div>
  )
}
