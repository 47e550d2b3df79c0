/** What the other tests of pages rely on: a part that React still keeps hidden is not taken for a second one. */
import { expect, test } from '../support/e2e/components-world.ts'

test('the hidden copy of a streamed part is not found beside the part', async ({ page }) => {
  await page.goto('/sign-in')
  await page.evaluate(() => {
    const part = Object.assign(document.createElement('output'), { className: 'part', textContent: 'a part' })
    const copies = Object.assign(document.createElement('div'), { id: 'S:7', hidden: true })
    copies.append(part.cloneNode(true))
    document.body.append(part, copies)
  })
  await expect(page.locator('.part')).toHaveText('a part')
  await expect(page.getByText('a part')).toBeVisible()
})
