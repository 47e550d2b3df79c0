import { getVisitor } from '../../session'

export default async function Page() {
  const { did } = await getVisitor()
  return <h1>{did ?? 'signed out'}</h1>
}
