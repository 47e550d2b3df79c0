/** The server actions of the devices page. Each is a public endpoint: it checks the session and every argument itself. */
'use server'

import { revalidatePath } from 'next/cache'
import { RedirectType, redirect } from 'next/navigation'
import { AtprotoAuthError } from 'next-atproto-auth'
import { z } from 'zod'
import { auth } from '../../auth.ts'
import { pageAfter } from '../_data/page-after.ts'
import { requirePerson } from '../_data/session.ts'

// Anyone can call an action with any value, not only its form.
const formSchema = z
  .instanceof(FormData)
  .transform((form) => ({ device: '', ...Object.fromEntries(form) }))
  .pipe(z.object({ account: z.string(), device: z.string().max(200) }))

/** Signs the account out on one of its devices and shows the others. */
export async function revokeDevice(form: FormData): Promise<void> {
  const device = await readDevice(form)
  const isDone = await succeeds(() => auth.revokeDevice(device))
  revalidatePath('/devices')
  redirect(await pageAfter('/devices', isDone ? 'revoked' : 'failed'), RedirectType.replace)
}

/** Signs the account out on all of its devices, including this one, and redirects to the home page. */
export async function signOutEverywhere(form: FormData): Promise<void> {
  await readDevice(form)
  const isDone = await succeeds(() => auth.signOutEverywhere())
  revalidatePath('/', 'layout')
  redirect(isDone ? '/' : await pageAfter('/devices', 'failed'), RedirectType.replace)
}

/**
 * The device that a form names; empty when it names none. It redirects when the form belongs to another account than the
 * active one: the person may have switched in another tab, and must not read that a device is signed out when it is not.
 */
async function readDevice(form: FormData): Promise<string> {
  const session = await requirePerson('/devices')
  // The page explains it.
  if (session === 'outage') redirect(await pageAfter('/devices', 'failed'), RedirectType.replace)
  const input = formSchema.safeParse(form)
  if (!input.success) redirect(await pageAfter('/devices', 'failed'), RedirectType.replace)
  if (input.data.account !== session.did)
    redirect(await pageAfter('/devices', 'other-account'), RedirectType.replace)
  return input.data.device
}

/** False when the store failed, which the page explains; any other error is thrown. */
async function succeeds(change: () => Promise<unknown>): Promise<boolean> {
  try {
    await change()
    return true
  } catch (error) {
    if (error instanceof AtprotoAuthError && error.retryable) return false
    throw error
  }
}
