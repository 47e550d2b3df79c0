'use client'

export interface FailureProps {
  readonly error: unknown
  readonly retry: () => void
}

/** Shown in the place of a page that failed: what to do. The error itself is only in the server's log. */
export function FailureMessage({ error, retry }: FailureProps) {
  const reference = referenceOf(error)
  return (
    <div className="message">
      <h1>Something went wrong</h1>
      <p>This page could not be shown. You have not been signed out. Wait a moment and try again.</p>
      <div className="actions">
        <button className="button" type="button" onClick={() => retry()}>
          Try again
        </button>
        {/* A plain link, because it loads the app again, whatever state it is in. */}
        <a className="button quiet" href="/">
          Go to the home page
        </a>
      </div>
      {reference === undefined ? null : (
        <p className="muted">
          If this happens again, give the operator of this app the reference <code>{reference}</code>.
        </p>
      )}
    </div>
  )
}

/** The number under which Next logs the error on the server. */
function referenceOf(error: unknown): string | undefined {
  return error instanceof Error && 'digest' in error && typeof error.digest === 'string'
    ? error.digest
    : undefined
}
