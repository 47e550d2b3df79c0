/** What a page shows while this app cannot read sessions. It works without scripts. */
export function Outage() {
  return (
    <div className="message">
      <h1>Something is wrong on our side</h1>
      <p>This app cannot tell at the moment who is signed in. You are not signed out by that.</p>
      <div className="actions">
        {/* A plain link: it asks the server for the whole page again. */}
        <a className="button" href="/">
          Try again
        </a>
      </div>
    </div>
  )
}
