import { PostsSkeleton } from '../_frame/posts-skeleton.tsx'

/** The shape of the home page while it is loading. */
export function HomeSkeleton() {
  return (
    <div className="home">
      <div className="card profile skeleton" aria-hidden="true">
        <div className="profile-head">
          <span className="avatar" style={{ width: 72, height: 72 }} />
          <span className="line short" />
        </div>
        <span className="line" />
        <span className="line" />
        <span className="line button-line" />
      </div>
      <section className="posts">
        <h2>Recent posts</h2>
        <PostsSkeleton label="Your page is loading" posts={6} />
      </section>
    </div>
  )
}
