interface SignOutFormProps {
  /** Default: the account that is active when the form arrives, for a static shell. */
  readonly did?: string
  readonly label?: string
}

/**
 * Signs out by a plain POST, which works without scripts; a link could be followed by a prefetch. It names the account,
 * because the person may have switched to another one in another tab.
 */
export function SignOutForm({ did, label = 'Sign out' }: SignOutFormProps) {
  return (
    <form method="post" action="/oauth/logout">
      {did === undefined ? null : <input type="hidden" name="did" value={did} />}
      <button className="button quiet" type="submit">
        {label}
      </button>
    </form>
  )
}
