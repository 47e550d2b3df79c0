/** Everything that a browser was told, and the search for secrets in it. */
import type { BrowserContext, Page, Response } from '@playwright/test'

export interface Recording {
  /** Texts by where they were seen. */
  readonly texts: readonly { readonly where: string; readonly text: string }[]
  /** Adds a text that was seen elsewhere. */
  add(where: string, text: string): void
  /** Waits for the bodies that are still under way. */
  settle(): Promise<void>
}

/**
 * Records every answer of an origin to this browser (headers and body, flight data too), what pages print to the
 * console, and their documents as they end up.
 */
export function recordBrowser(context: BrowserContext, origin: string): Recording {
  const texts: { where: string; text: string }[] = []
  const pending: Promise<void>[] = []
  const add = (where: string, text: string) => void texts.push({ where, text })

  async function keep(response: Response): Promise<void> {
    const where = `${response.request().method()} ${new URL(response.url()).pathname}`
    add(
      `${where}, headers`,
      (await response.headersArray()).map(({ name, value }) => `${name}: ${value}`).join('\n'),
    )
    // A redirect has no body, and one of a page that was left may be gone.
    const body = await response.body().catch(() => undefined)
    if (body) add(`${where}, body`, body.toString('utf8'))
  }
  function watch(page: Page): void {
    page.on('console', (message) => add('console', message.text()))
    page.on('pageerror', (error) => add('page error', String(error.stack)))
  }
  context.pages().forEach(watch)
  context.on('page', watch)
  context.on('response', (response) => {
    if (response.url().startsWith(origin)) pending.push(keep(response).catch(() => undefined))
  })
  return {
    texts,
    add,
    async settle() {
      await Promise.all(pending)
      add('cookies and storage', JSON.stringify(await context.storageState()))
      for (const page of context.pages()) add('document', await page.content())
    },
  }
}

/** Where a secret shows, as it is or in one of the forms that it may be written in. */
export function findLeaks(texts: Recording['texts'], secrets: readonly string[]): readonly string[] {
  return secrets.flatMap((secret) =>
    texts.flatMap(({ where, text }) =>
      formsOf(secret).some((form) => text.includes(form)) ? [`${secret.slice(0, 6)}… in ${where}`] : [],
    ),
  )
}

function formsOf(secret: string): readonly string[] {
  const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '')
  // Of the last characters of base64 one may belong to what follows.
  return [secret, encodeURIComponent(secret), base64.slice(0, -2), Buffer.from(secret).toString('hex')]
}
