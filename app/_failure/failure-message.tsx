'use client'

export interface FailureProps {
  readonly error: unknown
  readonly retry: () => void
}

/** What a page shows when it failed: what to do. What happened stands in the server's log, never here. */
export function FailureMessage({ error, retry }: FailureProps) {
  const reference = referenceOf(error)
  return (
    <div className="message">
      <h1>Something went wrong</h1>
      <p>This page could not be shown. You are not signed out. Wait a moment and try again.</p>
      <div className="actions">
        <button className="button" type="button" onClick={() => retry()}>
          Try again
        </button>
        {/* A plain link: it starts the app anew, whatever state it is in. */}
        <a className="button quiet" href="/">
          Go to the home page
        </a>
      </div>
      {reference === undefined ? null : (
        <p className="muted">
          If it goes on, tell whoever runs this app the reference <code>{reference}</code>.
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
