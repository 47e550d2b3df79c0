/** The places where Next.js has rules of its own for what a session is read from. */
import type { Page } from '@playwright/test'
import { expect } from 'vitest'
import type { BareApp } from './matrix.ts'
import type { Started } from './start-app.ts'
import { expectPage } from './visitor.ts'

interface Visit {
  readonly origin: string
  readonly server: Started
  /** Who is signed in in the page's browser. */
  readonly did: string
}

/** In metadata, a layout, a page, draft mode, and after the answer of a page, an action and a route handler. */
export async function visitCorners(page: Page, { origin, server, did }: Visit): Promise<void> {
  await page.goto(`${origin}/corners`)
  await expectPage(page.getByText(`Page of ${did}`)).toBeVisible()
  await expectPage(page.getByText(`Layout of ${did}`)).toBeVisible()
  await expectPage(page).toHaveTitle(`Title of ${did}`)
  await expectPage(page.getByText('Draft mode is off')).toBeVisible()
  await page.getByRole('button', { name: 'Act' }).click()
  await expectAfter('action')
  await page.goto(`${origin}/corners/draft`)
  await page.goto(`${origin}/corners`)
  await expectPage(page.getByText('Draft mode is on')).toBeVisible()
  await expectPage(page.getByText(`Page of ${did}`)).toBeVisible()
  await expectAfter('page')
  await expectAfter('route')

  function expectAfter(place: string): Promise<void> {
    return expect.poll(server.output, { timeout: 30_000 }).toContain(`After the ${place}: ${did}`)
  }
}

/** Where Next.js keeps what was rendered for the next visitor: it is refused, or not kept. */
export async function visitCaches(page: Page, app: BareApp, { origin, server, did }: Visit): Promise<void> {
  const read = async (path: string) => {
    const answer = await page.goto(`${origin}/corners${path}`)
    if (!answer) throw new Error(`${path} was not answered.`)
    return { html: textOf(await answer.text()), caching: answer.headers()['cache-control'] }
  }
  const stranger = async (path: string) => textOf(await (await fetch(`${server.url}/corners${path}`)).text())

  const cached = await read('/cached')
  expect(cached.html).toContain(`Outside ${did}, cached refused`)
  expect(cached.caching).toMatch(/private|no-store/)
  expect(await stranger('/cached')).toContain('Outside nobody, cached refused')
  expect(server.output()).toMatch(app.cacheComponents ? refusals.useCache : refusals.unstableCache)
  if (app.cacheComponents) return

  const revalidated = await read('/revalidated')
  expect(revalidated.html).toContain(`Revalidated for ${did}`)
  expect(revalidated.caching).toContain('no-store')
  expect(await stranger('/revalidated')).toContain('Revalidated for nobody')
  expect((await read('/params/refused')).html).toContain('Built for refused')
}

/** Without what React puts between two pieces of text. */
function textOf(html: string): string {
  return html.replaceAll('<!-- -->', '')
}

/** What Next.js says, with the line of the application that called getSession. */
export const refusals = {
  useCache: /`headers\(\)` can't be read inside `"use cache"`\. Read it outside the cached function/,
  unstableCache: /headers.* inside .*unstable_cache/,
} as const
