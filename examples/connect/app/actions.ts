'use server'

import { isAPIError } from 'better-auth/api'
import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { atproto } from '../atproto'
import { currentUser, getAuth } from '../auth'
import { connectionsOf, removeConnection } from '../connections'

export async function signUp(form: FormData): Promise<void> {
  const auth = await getAuth()
  await show(auth.api.signUpEmail({ body: { ...read(form), name: 'A user' }, headers: await headers() }))
}

export async function signIn(form: FormData): Promise<void> {
  const auth = await getAuth()
  await show(auth.api.signInEmail({ body: read(form), headers: await headers() }))
}

export async function signOut(): Promise<void> {
  const auth = await getAuth()
  await show(auth.api.signOut({ headers: await headers() }))
}

export async function connectAccount(form: FormData): Promise<void> {
  const user = await currentUser()
  if (!user) redirect('/')
  // The user comes from the session, never from the form.
  const identifier = String(form.get('identifier') ?? '')
  await atproto.connect({ identifier, link: user.id, returnTo: '/?connected=1' })
}

export async function disconnectAccount(form: FormData): Promise<void> {
  const user = await currentUser()
  if (!user) redirect('/')
  const connection = connectionsOf(user.id).find(({ id }) => id === form.get('id'))
  if (connection) {
    await atproto.disconnect(connection.did, connection)
    removeConnection(connection)
  }
  redirect('/')
}

function read(form: FormData) {
  return { email: String(form.get('email') ?? ''), password: String(form.get('password') ?? '') }
}

/** Shows the page again: with the user, or with a problem. Its words are on the page: a URL can be anyone's. */
async function show(change: Promise<unknown>): Promise<void> {
  const isDone = await change.then(
    () => true,
    (error: unknown) => {
      if (isAPIError(error)) return false
      throw error
    },
  )
  redirect(isDone ? '/' : '/?problem=sign-in')
}
