import Link from 'next/link'
import { auth } from '../auth.ts'

/** Open to everybody. Links go without the base path; a plain form is HTML, and names it. */
export default async function Page() {
  const session = await auth.getSession()
  return (
    <>
      <h1>{session ? `Signed in as ${session.did}` : 'Nobody is signed in'}</h1>
      <Link href="/account?a=1">Account</Link>
      <Link href="/members" prefetch={false}>
        Members
      </Link>
      <form method="post" action="/shop/oauth/logout">
        <button type="submit">Sign out</button>
      </form>
    </>
  )
}
