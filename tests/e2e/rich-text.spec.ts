/** Links, mentions and hashtags: found in what a person types, and shown from records that anyone may have written. */
import { AtpAgent } from '@atproto/api'
import { expect, type Page, type RunningApp, test } from '../support/e2e/fixtures.ts'
import { expectFine } from '../support/e2e/looks.ts'
import { addTimeline, startSignedIn } from '../support/e2e/signed-in.ts'
import type { LocalAccount } from '../support/network/accounts.ts'

const collection = 'app.bsky.feed.post'
const lexicon = 'app.bsky.richtext.facet'

async function write(page: Page, text: string, app: RunningApp): Promise<void> {
  await page.goto(`${app.origin}/compose`)
  await page.getByRole('textbox', { name: 'Your post' }).fill(text)
  await page.getByRole('button', { name: 'Post', exact: true }).click()
}

async function logIn(account: LocalAccount): Promise<AtpAgent> {
  const agent = new AtpAgent({ service: account.pdsUrl })
  await agent.login({ identifier: account.did, password: account.password })
  return agent
}

/** Where the links of a post lead. */
async function targetsOf(page: Page, words: string): Promise<readonly (string | null)[]> {
  const links = await page.locator('.post').filter({ hasText: words }).locator('.post-text a').all()
  return Promise.all(links.map((link) => link.getAttribute('href')))
}

test('a link, a mention and a hashtag are in the record with their bytes, and on the pages', async ({
  page,
  app,
  network,
}) => {
  const { alice, bob } = network.accounts
  const address = 'https://example.com/tea_(green)'
  const text = `🫖 Tea with @${bob.handle}, not @nobody.test!\n(See ${address}.) #thé`
  await startSignedIn(page, alice, app)
  await write(page, text, app)
  await expect(page.getByText('Posted.', { exact: true })).toBeVisible()

  const agent = await logIn(alice)
  const { data } = await agent.com.atproto.repo.listRecords({ repo: alice.did, collection, limit: 1 })
  const record = data.records[0]?.value
  const placeOf = (words: string) => {
    const byteStart = Buffer.from(text).indexOf(words)
    return { byteStart, byteEnd: byteStart + Buffer.byteLength(words) }
  }
  expect(record).toMatchObject({ text })
  expect(record?.facets).toEqual([
    {
      $type: lexicon,
      index: placeOf(`@${bob.handle}`),
      features: [{ $type: `${lexicon}#mention`, did: bob.did }],
    },
    { $type: lexicon, index: placeOf(address), features: [{ $type: `${lexicon}#link`, uri: address }] },
    { $type: lexicon, index: placeOf('#thé'), features: [{ $type: `${lexicon}#tag`, tag: 'thé' }] },
  ])

  await addTimeline(page, alice, app)
  for (const path of ['/', '/timeline']) {
    await page.goto(app.origin + path)
    const post = page.locator('.post').filter({ hasText: 'Tea with' })
    const link = post.getByRole('link', { name: address, exact: true })
    await expect(link).toHaveAttribute('href', address)
    await expect(link).toHaveAttribute('rel', 'nofollow ugc noopener noreferrer')
    await expect(post.locator('.tagged')).toHaveText([`@${bob.handle}`, '#thé'])
    await expect(post.locator('.post-text')).toHaveText(text, { useInnerText: true })
  }
})

test('a post with more mentions than are looked up is posted, and says so', async ({
  page,
  app,
  network,
}) => {
  await startSignedIn(page, network.accounts.carol, app)
  const names = Array.from({ length: 21 }, (_, at) => `@n${at}.test`)
  await write(page, names.join(' '), app)
  await expect(page.getByRole('status').filter({ hasText: 'could not be looked up' })).toBeVisible()
  await expect(page.getByText('@n20.test')).toBeVisible()
})

/** Each text is a word and a link, and nothing of it may lead there. */
const dangerous: readonly string[] = [
  'javascript:document.title="owned"',
  'data:text/html,<script>alert(1)</script>',
  'https://bank.example@evil.example/',
  'http://127.0.0.1:1/oauth/login?identifier=mallory.test',
  'http://localhost:1/',
]

test('attack: the facets of a record that a program wrote break no page and make no dangerous link', async ({
  page,
  app,
  network,
}) => {
  const { bob } = network.accounts
  const agent = await logIn(bob)
  const post = (text: string, facets: readonly unknown[]) =>
    agent.com.atproto.repo.createRecord({
      repo: bob.did,
      collection,
      validate: false,
      record: { $type: collection, text, createdAt: new Date().toISOString(), facets },
    })
  const facet = (byteStart: unknown, byteEnd: unknown, uri: unknown) => ({
    index: { byteStart, byteEnd },
    features: [{ $type: `${lexicon}#link`, uri }],
  })
  const own = [app.origin, app.origin.toUpperCase(), `${app.origin}/oauth/login?identifier=mallory.test`]
  const words = 'hostile'
  const all = [...dangerous, ...own]
  await post(
    all.map(() => words).join(' '),
    all.map((uri, at) => facet(at * 8, at * 8 + 7, uri)),
  )
  await post('malformed 👩 text', [
    ...[null, 7, {}, facet('0', 9, 1), facet(-1, 9, app.origin), facet(11, 14, 'https://example.com')],
    ...[facet(0, 9_999, 'https://example.com'), facet(5, 2, 'https://example.com')],
    ...Array.from({ length: 1_000 }, () => facet(0, 12, 'https://evil.example/')),
  ])
  const long = `https://example.com/${'long'.repeat(60)}`
  const disguised = 'https://bank.example/login'
  await post(`${disguised} \u202e${long}`, [
    facet(0, disguised.length, 'https://evil.example/login'),
    facet(disguised.length + 4, disguised.length + 4 + long.length, long),
  ])

  await startSignedIn(page, bob, app)
  await addTimeline(page, bob, app)
  for (const path of ['/', '/timeline']) {
    await page.goto(app.origin + path)
    await expect(page.getByText(all.map(() => words).join(' '), { exact: true })).toBeVisible()
    expect(await targetsOf(page, words)).toEqual([])
    await expect(page.getByText('malformed 👩 text', { exact: true })).toBeVisible()
    expect(await targetsOf(page, 'malformed')).toEqual([])
    expect(await targetsOf(page, disguised)).toEqual(['https://evil.example/login', long])
    await expect(page.getByRole('link', { name: `${disguised} (evil.example)` })).toBeVisible()
    await expectFine(page, `${path} with hostile facets`)
    await page.setViewportSize({ width: 320, height: 800 })
    const width = await page.evaluate(() => document.documentElement.scrollWidth)
    expect(width, `${path} at 320 px`).toBeLessThanOrEqual(320)
  }
})
