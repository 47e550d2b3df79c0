/**
 * Looks for elements where a person sees them. React keeps a part that was streamed, hidden at the end of the body,
 * until it has put it in its place. On a slow machine the part and its hidden copy are there together for a moment, and
 * Playwright then says that there are two elements.
 */
import type { Page } from '@playwright/test'

const NOT_A_COPY = ':not(div[hidden][id^="S:"] *)'

/** The same page, whose locators find no hidden copy. */
export function withoutHiddenCopies(page: Page): Page {
  const shown = page.locator(NOT_A_COPY)
  const [locator, getByText] = [page.locator.bind(page), page.getByText.bind(page)]
  page.locator = (...given) => locator(...given).and(shown)
  page.getByText = (...given) => getByText(...given).and(shown)
  return page
}
