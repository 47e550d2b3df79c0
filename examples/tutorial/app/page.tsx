import { type QueryValue, SignInForm, SignOutButton } from 'next-atproto-auth/react'
import { auth } from '../auth'

type Query = Promise<{ readonly error?: QueryValue; readonly identifier?: QueryValue }>

export default async function Home({ searchParams }: { readonly searchParams: Query }) {
  const session = await auth.getSession()
  const { error, identifier } = await searchParams
  return (
    <main>
      <header>
        <h1>AT Protocol OAuth</h1>
        <p>Sign in with your Atmosphere account</p>
      </header>
      {session ? (
        <>
          <p>
            Signed in as <code>{session.did}</code>
          </p>
          <p>Authentication working!</p>
          <SignOutButton />
        </>
      ) : (
        <SignInForm error={error} identifier={identifier} submitLabel="Login to the Atmosphere" />
      )}
    </main>
  )
}
