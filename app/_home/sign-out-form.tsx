/** Signs out by a plain POST: a link could be followed by a prefetch, and a form works without scripts. */
export function SignOutForm() {
  return (
    <form method="post" action="/oauth/logout">
      <button className="button quiet" type="submit">
        Sign out
      </button>
    </form>
  )
}
