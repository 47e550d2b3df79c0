import { getVisitor } from '../../session'

export default async function Page() {
  const { did } = await getVisitor()
  return <h1>{did ?? 'Nobody is signed in.'}</h1>
}
