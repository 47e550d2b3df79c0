interface OutageProps {
  /** The path of the page. */
  readonly path: string
}

/** Shown while this app cannot read sessions. It works without scripts. */
export function Outage({ path }: OutageProps) {
  return (
    <div className="message">
      <h1>Something is wrong on our side</h1>
      <OutageNote path={path} />
    </div>
  )
}

/** The same, on a page with a heading of its own. */
export function OutageNote({ path }: OutageProps) {
  return (
    <>
      <p role="alert">
        This app cannot check right now whether you are signed in. You have not been signed out. Wait a moment
        and try again.
      </p>
      <div className="actions">
        {/* A plain link, because it loads the whole page again. */}
        <a className="button" href={path}>
          Try again
        </a>
      </div>
    </>
  )
}
