import { auth } from '../auth.ts'

/** As it should be. */
export default async function Home() {
  return <h1>Here is {(await auth.getSession())?.did ?? 'nobody'}</h1>
}
