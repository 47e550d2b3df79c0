import { auth } from '../../../auth'

// What getSession reads counts for more: the page is rendered at each request.
export const revalidate = 3600

export default async function Revalidated() {
  const session = await auth.getSession()
  return <p>Revalidated for {session?.did ?? 'nobody'}</p>
}
