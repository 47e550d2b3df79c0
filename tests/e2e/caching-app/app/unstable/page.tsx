import { unstable_cache } from 'next/cache'
import { auth } from '../../auth.ts'

/** Otherwise the build fails, with the same words. */
export const dynamic = 'force-dynamic'

const who = unstable_cache(async () => (await auth.getSession())?.did ?? 'nobody', ['who'])

export default async function Unstable() {
  return <h1>Here is {await who()}</h1>
}
