import { Suspense } from 'react'
import { auth } from '../auth'

export default function Home() {
  return (
    <Suspense fallback={<p>Loading</p>}>
      <Visitor />
    </Suspense>
  )
}

async function Visitor() {
  const session = await auth.getSession()
  if (!session) return <p>Nobody is signed in</p>
  return (
    <form method="post" action="/oauth/logout">
      <p>Signed in as {session.did}</p>
      <button type="submit">Sign out</button>
    </form>
  )
}
