/**
 * The browser of the tests, which finds elements where a person sees them. React keeps a part that was streamed, hidden at
 * the end of the body, until it has put it in its place. On a slow machine the part and its hidden copy are there together
 * for a moment, and Playwright then says that there are two elements.
 */
import { type Browser, type BrowserContext, chromium, type LaunchOptions, type Page } from '@playwright/test'
import { chromiumArgs, findChromium } from './chromium.ts'

const NOT_A_COPY = ':not(div[hidden][id^="S:"] *)'
const prepared = new WeakSet<Page>()

/** Starts a browser for a test that is not given one. */
export async function launchBrowser(options: LaunchOptions = {}): Promise<Browser> {
  const executablePath = findChromium()
  return withoutHiddenCopies(
    await chromium.launch({ args: [...chromiumArgs], ...(executablePath && { executablePath }), ...options }),
  )
}

/** The same browser: no page of it finds a hidden copy by text or by selector. */
export function withoutHiddenCopies(browser: Browser): Browser {
  const newContext = browser.newContext.bind(browser)
  browser.newContext = async (options) => prepareContext(await newContext(options))
  return browser
}

function prepareContext(context: BrowserContext): BrowserContext {
  const newPage = context.newPage.bind(context)
  context.newPage = async () => preparePage(await newPage())
  // Those that a page opens.
  context.on('page', preparePage)
  return context
}

function preparePage(page: Page): Page {
  if (prepared.has(page)) return page
  prepared.add(page)
  const [locator, getByText] = [page.locator.bind(page), page.getByText.bind(page)]
  const shown = locator(NOT_A_COPY)
  page.locator = (...given) => locator(...given).and(shown)
  page.getByText = (...given) => getByText(...given).and(shown)
  return page
}
