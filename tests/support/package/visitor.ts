/** What a person does in a bare application. */
import { type Page, expect as playwrightExpect } from '@playwright/test'
import { expect } from 'vitest'
import { postsOnPds, reachConsent, submitHandle } from '../e2e/person.ts'
import type { LocalAccount } from '../network/accounts.ts'

/** A bare application is built while it is tried: its machine is busy. */
export const expectPage = playwrightExpect.configure({ timeout: 30_000 })

/** Asks for the guarded page, signs in, and comes back to it. */
export async function signIn(page: Page, account: LocalAccount, guarded: string): Promise<void> {
  await page.goto(guarded)
  // Not at localhost, where the form would be sent twice.
  expect(new URL(page.url()).origin).toBe(new URL(guarded).origin)
  await signInHere(page, account)
  await page.waitForURL(guarded)
}

/** Signs in and approves, from wherever a sign-in form is shown. */
export async function signInHere(page: Page, account: LocalAccount): Promise<void> {
  await submitHandle(page, account.handle)
  await reachConsent(page, account)
  await page.getByRole('button', { name: 'Authorize', exact: true }).click()
}

/** Posts from the compose page of README, which is at hand; the PDS has it afterwards. */
export async function postFromCompose(page: Page, account: LocalAccount, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Your post' }).fill(text)
  await page.getByRole('button', { name: 'Post', exact: true }).click()
  await expect.poll(() => postsOnPds(account), { timeout: 30_000 }).toContain(text)
}

/** Posts by the server action of the page at hand; the PDS has it afterwards. */
export async function post(page: Page, account: LocalAccount, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Text' }).fill(text)
  await page.getByRole('button', { name: 'Post' }).click()
  await expectPage(page.getByText('Posted')).toBeVisible()
  expect(await postsOnPds(account)).toContain(text)
}

/** Signs out on the home page, and is a stranger to the guarded one from then on. */
export async function signOut(page: Page, account: LocalAccount, origin: string): Promise<void> {
  await page.goto(origin)
  await expectPage(page.getByText(`Signed in as ${account.did}`)).toBeVisible()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expectPage(page.getByText('Nobody is signed in')).toBeVisible()
  await page.goto(`${origin}/account`)
  await expectPage(page.getByRole('textbox', { name: 'Handle or DID' })).toBeVisible()
}
