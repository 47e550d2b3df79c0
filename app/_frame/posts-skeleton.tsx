interface SkeletonProps {
  /** What is on its way, for screen readers. */
  readonly label: string
  /** How many posts to make room for. */
  readonly posts: number
}

/** Grey shapes in the place of posts that are on their way. */
export function PostsSkeleton({ label, posts }: SkeletonProps) {
  return (
    <div className="post-list" role="status">
      <p className="visually-hidden">{label}</p>
      {Array.from({ length: posts }, (_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: all alike, and never in another order
        <div className="card post skeleton" aria-hidden="true" key={at}>
          <span className="line" />
          <span className="line short" />
        </div>
      ))}
    </div>
  )
}
