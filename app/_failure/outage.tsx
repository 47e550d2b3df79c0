/** Shown while this app cannot read sessions. It works without scripts. */
export function Outage() {
  return (
    <div className="message">
      <h1>Something is wrong on our side</h1>
      <p>This app cannot check right now whether you are signed in. You have not been signed out.</p>
      <div className="actions">
        {/* A plain link, because it loads the whole page again. */}
        <a className="button" href="/">
          Try again
        </a>
      </div>
    </div>
  )
}
