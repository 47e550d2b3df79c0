import { unstable_cache } from 'next/cache'
import { auth } from '../../../auth'

const readCached = unstable_cache(async () => {
  const session = await auth.getSession()
  return session?.did ?? 'nobody'
}, ['cached'])

export default async function Cached() {
  const session = await auth.getSession()
  const cached = await readCached().catch((error: unknown) => {
    console.error(error)
    return 'refused'
  })
  return (
    <p>
      Outside {session?.did ?? 'nobody'}, cached {cached}
    </p>
  )
}
