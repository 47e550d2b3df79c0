'use server'

import { redirect } from 'next/navigation'
import { auth } from '../auth'
import { endSessions, removeUser } from '../users'

export async function endMySessions(): Promise<void> {
  const { did } = await auth.requireSession()
  await endSessions(did)
  redirect('/')
}

/** First the server is told, with the tokens that the rows hold; then nothing of the user is left here. */
export async function deleteMyAccount(): Promise<void> {
  const { did } = await auth.requireSession()
  const client = await auth.client()
  await client.revoke(did)
  await removeUser(did)
  redirect('/')
}
