import { auth } from '../../auth.ts'

export const dynamic = 'force-static'

export default async function Forced() {
  return <h1>Here is {(await auth.getSession())?.did ?? 'nobody'}</h1>
}
