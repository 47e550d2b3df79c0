const timeFormat = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'medium',
  timeStyle: 'short',
  timeZone: 'UTC',
})

/** When something was posted, in a zone that server and browser agree about. */
export function PostTime({ at }: { readonly at: Date | undefined }) {
  if (at === undefined) return <span className="muted">No date</span>
  return <time dateTime={at.toISOString()}>{timeFormat.format(at)} UTC</time>
}
