interface SignOutFormProps {
  readonly did: string
  readonly label?: string
}

/**
 * Signs out by a plain POST: a link could be followed by a prefetch, and a form works without scripts. It says who is
 * meant: the account may have been switched in another tab since.
 */
export function SignOutForm({ did, label = 'Sign out' }: SignOutFormProps) {
  return (
    <form method="post" action="/oauth/logout">
      <input type="hidden" name="did" value={did} />
      <button className="button quiet" type="submit">
        {label}
      </button>
    </form>
  )
}
