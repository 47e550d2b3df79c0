interface SkeletonProps {
  /** What is loading, for screen readers. */
  readonly label: string
  /** How many posts to make room for. */
  readonly posts: number
}

/** Grey shapes in the place of posts that are still loading. */
export function PostsSkeleton({ label, posts }: SkeletonProps) {
  return (
    <div className="post-list" role="status">
      <p className="visually-hidden">{label}</p>
      {Array.from({ length: posts }, (_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: all are equal, and their order never changes
        <div className="card post skeleton" aria-hidden="true" key={at}>
          <span className="line" />
          <span className="line short" />
        </div>
      ))}
    </div>
  )
}
