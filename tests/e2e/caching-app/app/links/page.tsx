import Link from 'next/link'
import { auth } from '../../auth.ts'

/** Links to what must not happen before somebody clicks. */
export default async function Links() {
  return (
    <>
      <h1>Here is {(await auth.getSession())?.did ?? 'nobody'}</h1>
      {['login?identifier=alice.test', 'logout', 'switch'].map((path) => (
        <p key={path}>
          <Link href={`/oauth/${path}`}>{path}</Link>
        </p>
      ))}
    </>
  )
}
