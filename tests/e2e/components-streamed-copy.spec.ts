/** What the other tests of pages rely on: a part that React still keeps hidden is not taken for a second one. */
import { expect, type Page, test } from '../support/e2e/components-world.ts'
import { launchBrowser } from '../support/real-browser.ts'

test('the hidden copy of a streamed part is not found beside the part, on whatever page', async ({
  page,
  context,
  browser,
  site,
}) => {
  const own = await launchBrowser()
  const pages = [page, await context.newPage(), await browser.newPage(), await own.newPage()]
  const [opened] = await Promise.all([page.waitForEvent('popup'), page.evaluate(() => void open('/sign-in'))])
  for (const each of [...pages, opened]) await expectNoCopy(each, `${site.url}/sign-in`)
  await own.close()
})

async function expectNoCopy(page: Page, url: string): Promise<void> {
  await page.goto(url)
  await page.evaluate(() => {
    const part = Object.assign(document.createElement('output'), { className: 'part', textContent: 'a part' })
    const copies = Object.assign(document.createElement('div'), { id: 'S:7', hidden: true })
    copies.append(part.cloneNode(true))
    document.body.append(part, copies)
  })
  await expect(page.locator('.part')).toHaveText('a part')
  await expect(page.getByText('a part')).toBeVisible()
}
