'use server'

import { redirect } from 'next/navigation'
import { TokenRevokedError } from 'next-atproto-auth'
import { auth } from '../auth'
import { createPost } from '../posts'

export async function post(form: FormData): Promise<void> {
  const session = await auth.requireSession({ returnTo: '/' })
  try {
    await createPost(session, String(form.get('text') ?? ''))
  } catch (error) {
    // The page then asks for a sign-in.
    if (!(error instanceof TokenRevokedError)) throw error
  }
  redirect('/')
}
