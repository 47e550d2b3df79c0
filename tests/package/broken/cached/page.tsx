import { auth } from '../../auth'

export default async function Broken() {
  'use cache'
  const session = await auth.getSession()
  return <p>Cached for {session?.did ?? 'nobody'}</p>
}
