import { connectErrorMessage, signInErrorReference } from 'next-atproto-auth'
import { Suspense } from 'react'
import { atproto } from '../atproto'
import { currentUser } from '../auth'
import { connectionsOf } from '../connections'
import { connectAccount, disconnectAccount, signIn, signOut, signUp } from './actions'

type Query = Promise<{
  readonly connected?: string
  readonly error?: string
  readonly errorReference?: string
  readonly identifier?: string
  readonly problem?: string
}>

/** The class names on this page are Tailwind's. Where it is not installed, as here, they do nothing. */
const BUTTON = 'border px-3 py-1'

const REFUSED = 'The account was not connected. Connect it with the permission to post.'
const PROBLEM = 'That did not work. Check the e-mail address and the password.'

export default async function Home({ searchParams }: { readonly searchParams: Query }) {
  const user = await currentUser()
  const { connected, error = '', errorReference, identifier, problem } = await searchParams
  const refused = error === 'connect_refused' ? REFUSED : undefined
  const message = refused ?? connectErrorMessage(error) ?? (problem && PROBLEM)
  const reference = signInErrorReference(errorReference)
  return (
    <main className="mx-auto grid w-full max-w-xl gap-4 p-4">
      <h1>My App</h1>
      {message && <p role="alert">{message}</p>}
      {message && reference && <p>Reference: {reference}</p>}
      {user ? (
        <Accounts user={user} identifier={identifier} isConnected={connected !== undefined && !error} />
      ) : (
        <SignIn />
      )}
    </main>
  )
}

function SignIn() {
  return (
    <form action={signIn} className="grid justify-items-start gap-2">
      <p>
        <label htmlFor="email">E-mail</label>{' '}
        <input id="email" name="email" type="email" required className="border p-2" />
      </p>
      <p>
        <label htmlFor="password">Password</label>{' '}
        <input id="password" name="password" type="password" required minLength={8} className="border p-2" />
      </p>
      <button type="submit" className={BUTTON}>
        Sign in
      </button>
      <button type="submit" formAction={signUp} className={BUTTON}>
        Sign up
      </button>
    </form>
  )
}

interface AccountsProps {
  readonly user: { readonly id: string; readonly email: string }
  /** What was typed before a failure. */
  readonly identifier: string | undefined
  /** Whether the browser comes back from a connection that succeeded. */
  readonly isConnected: boolean
}

function Accounts({ user, identifier, isConnected }: AccountsProps) {
  const connections = connectionsOf(user.id)
  const newest = isConnected ? connections.at(-1) : undefined
  return (
    <>
      <p>Signed in as {user.email}</p>
      {newest && (
        <p role="status">
          Connected <AccountName did={newest.did} />
        </p>
      )}
      <ul className="grid gap-2">
        {connections.map(({ id, did, isEnded }) => (
          <li key={id}>
            <form action={disconnectAccount} className="flex flex-wrap items-center gap-2">
              <AccountName did={did} /> {isEnded && 'has to be connected again.'}{' '}
              <input type="hidden" name="id" value={id} />
              <button type="submit" className={BUTTON}>
                Disconnect
              </button>
            </form>
          </li>
        ))}
      </ul>
      <form action={connectAccount}>
        <label htmlFor="identifier">Handle</label>{' '}
        <input
          id="identifier"
          name="identifier"
          defaultValue={identifier}
          required
          autoCapitalize="none"
          spellCheck={false}
          className="border p-2"
        />
        <button type="submit" className={BUTTON}>
          Connect Bluesky
        </button>
      </form>
      <form action={signOut}>
        <button type="submit" className={BUTTON}>
          Sign out
        </button>
      </form>
    </>
  )
}

/** The handle; the DID until it is known, and for an account without one. */
function AccountName({ did }: { readonly did: string }) {
  return (
    <Suspense fallback={did}>
      <Handle did={did} />
    </Suspense>
  )
}

async function Handle({ did }: { readonly did: string }) {
  const { handle } = await atproto.getProfile(did)
  return handle ? `@${handle}` : did
}
