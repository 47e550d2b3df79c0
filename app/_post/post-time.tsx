const timeFormat = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'medium',
  timeStyle: 'short',
  timeZone: 'UTC',
})

/** When something was posted, in UTC, so that server and browser render the same text. */
export function PostTime({ at }: { readonly at: Date | undefined }) {
  if (at === undefined) return <span className="muted">No date</span>
  return <time dateTime={at.toISOString()}>{timeFormat.format(at)} UTC</time>
}
