import 'next-atproto-auth/react/styles.css'
import { AccountMenu, SessionProvider, SignInForm, SignOutButton } from 'next-atproto-auth/react'
import { Suspense } from 'react'
import { auth } from '../../auth'
import { Who } from './who'

/** Each component of the package, built by whatever builds the application. */
export default function ComponentsPage() {
  return (
    <SessionProvider session={auth.getSessionStatus()}>
      <SignInForm suggestions signUpHosts={['https://bsky.social']} />
      <SignOutButton />
      <Suspense>
        <Who />
        <Accounts />
      </Suspense>
    </SessionProvider>
  )
}

async function Accounts() {
  return <AccountMenu accounts={await auth.listAccounts()} />
}
