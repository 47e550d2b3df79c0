import { auth } from '../../auth'

export default async function Page() {
  const session = await auth.getSession()
  return <h1>{session ? session.did : 'signed out'}</h1>
}
