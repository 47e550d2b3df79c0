/** The server actions of the devices page. Each is a public endpoint: it checks the session and every argument itself. */
'use server'

import { revalidatePath } from 'next/cache'
import { RedirectType, redirect } from 'next/navigation'
import { AtprotoAuthError } from 'next-atproto-auth'
import { z } from 'zod'
import { auth } from '../../auth.ts'

// Actions can be called with anything, not only by their own forms.
const revokeSchema = z
  .instanceof(FormData)
  .transform((form) => Object.fromEntries(form))
  .pipe(z.object({ device: z.string().max(200) }))

/** Signs the account out on one of its devices and shows the devices that are left. */
export async function revokeDevice(form: FormData): Promise<void> {
  await auth.requireSession({ returnTo: '/devices' })
  const input = revokeSchema.safeParse(form)
  const isDone = input.success && (await succeeds(() => auth.revokeDevice(input.data.device)))
  revalidatePath('/devices')
  redirect(isDone ? '/devices?notice=revoked' : '/devices?notice=failed', RedirectType.replace)
}

/** Signs the account out on all of its devices, this one too, and goes home. */
export async function signOutEverywhere(): Promise<void> {
  await auth.requireSession({ returnTo: '/devices' })
  const isDone = await succeeds(() => auth.signOutEverywhere())
  revalidatePath('/', 'layout')
  redirect(isDone ? '/' : '/devices?notice=failed', RedirectType.replace)
}

/** False when the store failed, which the page says; a refused request stays an error. */
async function succeeds(change: () => Promise<void>): Promise<boolean> {
  try {
    await change()
    return true
  } catch (error) {
    if (error instanceof AtprotoAuthError && error.retryable) return false
    throw error
  }
}
