import { auth } from '../../auth.ts'

/** Behind the guard. */
export default async function Page() {
  const session = await auth.requireSession({ returnTo: '/account' })
  return <h1>The account of {session.did}</h1>
}
