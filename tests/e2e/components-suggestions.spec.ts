/** Suggestions of handles while a person types, from an AppView that answers well and badly. */
import { expect, type Page, test } from '../support/e2e/components-world.ts'

const actors = [
  {
    did: 'did:plc:a',
    handle: 'alice.test',
    displayName: 'Alice Liddell',
    avatar: 'https://cdn.demo.internal/alice.svg',
  },
  { did: 'did:plc:b', handle: 'alina.pds2.test', avatar: 'http://cdn.demo.internal/alina.svg' },
  { did: 'did:plc:c', handle: 'alix.test', displayName: '<img src=x>', avatar: 'javascript:alert(1)' },
]
const found = { body: JSON.stringify({ actors }) }
const field = (page: Page) => page.getByRole('combobox', { name: 'Handle or DID' })
const options = (page: Page) => page.getByRole('option')

test('are chosen with the arrow keys and Enter, which sends nothing yet', async ({ page, appView }) => {
  appView.answers.set('ali', found)
  await page.goto('/suggestions')
  await field(page).pressSequentially('@ali')
  await expect(options(page)).toHaveCount(3)
  await expect(field(page)).toHaveAttribute('aria-expanded', 'true')
  await expect(page.getByRole('main').getByRole('status')).toHaveText(/^Suggested accounts: 3\./)
  await field(page).press('ArrowDown')
  await field(page).press('ArrowDown')
  await expect(options(page).nth(1)).toHaveAttribute('aria-selected', 'true')
  const marked = await options(page).nth(1).getAttribute('id')
  await expect(field(page)).toHaveAttribute('aria-activedescendant', marked ?? '')
  await field(page).press('ArrowUp')
  await field(page).press('ArrowUp')
  await expect(page.getByRole('option', { selected: true })).toHaveCount(0)
  await field(page).press('ArrowUp')
  await expect(options(page).nth(2)).toHaveAttribute('aria-selected', 'true')
  await field(page).press('Enter')
  await expect(field(page)).toHaveValue('alix.test')
  await expect(field(page)).toBeFocused()
  await expect(options(page)).toHaveCount(0)
  await expect(page).toHaveURL('/suggestions')
})

test('are chosen with a click, and dismissed with Escape or by leaving the field', async ({
  page,
  appView,
}) => {
  appView.answers.set('ali', found)
  await page.goto('/suggestions')
  await field(page).pressSequentially('ali')
  await page.getByRole('option', { name: /Alice Liddell/ }).click()
  await expect(field(page)).toHaveValue('alice.test')
  await expect(field(page)).toBeFocused()
  await field(page).fill('')
  await field(page).pressSequentially('ali')
  await expect(options(page)).toHaveCount(3)
  await field(page).press('Escape')
  await expect(options(page)).toHaveCount(0)
  await expect(field(page)).toHaveValue('ali')
  await field(page).fill('al')
  await field(page).fill('ali')
  await expect(options(page)).toHaveCount(3)
  await page.getByRole('heading', { level: 1 }).click()
  await expect(options(page)).toHaveCount(0)
})

test('show names as text and pictures from https only', async ({ page, appView }) => {
  appView.answers.set('ali', found)
  await page.goto('/suggestions')
  await field(page).pressSequentially('ali')
  await expect(options(page).nth(2)).toContainText('<img src=x>')
  const pictures = page.getByRole('listbox').locator('img')
  await expect(pictures).toHaveCount(1)
  await expect(pictures).toHaveAttribute('src', 'https://cdn.demo.internal/alice.svg')
  await expect(pictures).toHaveAttribute('referrerpolicy', 'no-referrer')
})

test('ask with what was typed and nothing else: no cookie, no address of the page', async ({
  page,
  context,
  site,
  appView,
}) => {
  // Cookies know no ports: the AppView is on the same host here.
  await context.addCookies([{ name: 'secret', value: 'cookie', url: site.url }])
  appView.answers.set('ali', found)
  await page.goto('/suggestions?private=1')
  await field(page).fill('did:plc:abc')
  await field(page).fill('https://pds.example.com')
  await field(page).fill('a')
  await field(page).fill('ali')
  await expect(options(page)).toHaveCount(3)
  expect(appView.asked.map(({ query }) => query)).toEqual(['ali'])
  const headers = appView.asked[0]?.headers
  expect(headers).not.toHaveProperty('cookie')
  expect(headers).not.toHaveProperty('referer')
})

test('of an answer that was overtaken are not shown', async ({ page, appView }) => {
  const slow = Promise.withResolvers<void>()
  appView.answers.set('ali', { ...found, after: slow.promise })
  appView.answers.set('bob', { body: JSON.stringify({ actors: [{ handle: 'bob.test' }] }) })
  await page.goto('/suggestions')
  await field(page).fill('ali')
  await expect.poll(() => appView.asked.length).toBe(1)
  await field(page).fill('bob')
  await expect(options(page)).toHaveText(['@bob.test'])
  slow.resolve()
  await expect(options(page)).toHaveText(['@bob.test'])
})

for (const [what, answer] of [
  ['an error', { status: 500, body: '{"error":"InternalServerError"}' }],
  ['a page', { body: '<!doctype html><p>Hello' }],
  ['another shape', { body: '{"actors":{"length":3}}' }],
  ['actors without a handle', { body: '{"actors":[null,3,{"handle":7},{"handle":"handle.invalid"}]}' }],
] as const) {
  test(`are none, and nothing is complained of, when the AppView answers with ${what}`, async ({
    page,
    appView,
  }) => {
    const errors: string[] = []
    page.on('pageerror', ({ message }) => errors.push(message))
    appView.answers.set('ali', answer)
    appView.answers.set('alic', found)
    await page.goto('/suggestions')
    await field(page).fill('ali')
    await expect.poll(() => appView.asked.length).toBe(1)
    await expect(options(page)).toHaveCount(0)
    await field(page).fill('alic')
    await expect(options(page)).toHaveCount(3)
    expect(errors).toEqual([])
  })
}

test('leave a text alone that was typed before their code had arrived', async ({ page, appView }) => {
  appView.answers.set('alice', found)
  const gate = Promise.withResolvers<void>()
  await page.route('**/_next/static/**/*.js', async (route) => {
    await gate.promise
    await route.fallback()
  })
  await page.goto('/suggestions', { waitUntil: 'commit' })
  const plain = page.getByRole('textbox', { name: 'Handle or DID' })
  await plain.fill('alic')
  gate.resolve()
  await expect(field(page)).toHaveValue('alic')
  await field(page).press('e')
  await expect(options(page)).toHaveCount(3)
})

test('are code that no page loads which does not ask for them', async ({ page, site }) => {
  const scripts: Promise<string>[] = []
  page.on('response', (response) => {
    if (response.request().resourceType() === 'script') scripts.push(response.text())
  })
  const hasSearch = async () =>
    (await Promise.all(scripts)).some((text) => text.includes('searchActorsTypeahead'))
  await page.goto(`${site.url}/sign-in`, { waitUntil: 'networkidle' })
  expect(scripts.length).toBeGreaterThan(0)
  expect(await hasSearch()).toBe(false)
  await page.goto(`${site.url}/suggestions`)
  await expect(field(page)).toBeVisible()
  await expect.poll(hasSearch).toBe(true)
})

test.describe('with scripts blocked', () => {
  test.use({ scripts: 'blocked' })

  test('are not promised: the field is a plain one', async ({ page }) => {
    await page.goto('/suggestions')
    await expect(page.getByRole('textbox', { name: 'Handle or DID' })).toBeVisible()
    await expect(page.getByRole('combobox')).toHaveCount(0)
    // A Content-Security-Policy would have to allow it.
    await expect(page.locator('[style]')).toHaveCount(0)
  })
})
