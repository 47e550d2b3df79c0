import { auth } from '../../auth'

export default async function Page() {
  const session = await auth.getSession()
  const account = await session?.get<{ readonly did: string }>('com.atproto.server.getSession')
  return <h1>{account ? account.data.did : 'signed out'}</h1>
}
