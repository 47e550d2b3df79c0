import { Suspense } from 'react'
import { auth } from '../auth'
import { countSessions, findUser } from '../users'
import { deleteMyAccount, endMySessions } from './actions'

export default function Home() {
  return (
    <main>
      <h1>My App</h1>
      <Suspense fallback={<p>…</p>}>
        <Account />
      </Suspense>
      <form method="post" action="/oauth/logout">
        <button type="submit">Sign out</button>
      </form>
      <form action={endMySessions}>
        <button type="submit">Sign out everywhere</button>
      </form>
      <form action={deleteMyAccount}>
        <button type="submit">Delete my account</button>
      </form>
    </main>
  )
}

async function Account() {
  const { did } = await auth.requireSession({ returnTo: '/' })
  const [user, count] = await Promise.all([findUser(did), countSessions(did)])
  if (!user) return <p>{did} has no account here.</p>
  return (
    <p>
      Signed in as {did} since {user.firstSignIn.toISOString().slice(0, 10)}, in {count}{' '}
      {count === 1 ? 'browser' : 'browsers'}.
    </p>
  )
}
