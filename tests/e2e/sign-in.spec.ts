/** The main job: a person signs in on their own server, posts, sees the post, deletes it and signs out. */
import { expect, test } from '../support/e2e/fixtures.ts'
import { ask, postsOnPds, signIn } from '../support/e2e/person.ts'
import { addAccount } from '../support/e2e/signed-in.ts'

for (const name of ['alice', 'bob'] as const) {
  test(`${name} signs in, posts, sees the post after a reload, deletes it and signs out`, async ({
    page,
    app,
    network,
  }) => {
    const account = network.accounts[name]
    await signIn(page, account, app)
    await expect(page.getByRole('main').getByText(`@${account.handle}`)).toBeVisible()

    const text = `Hello from ${account.handle} 👋🏽`
    await page.getByRole('link', { name: 'Write a post' }).click()
    await page.getByRole('textbox', { name: 'Your post' }).fill(text)
    await page.getByRole('button', { name: 'Post', exact: true }).click()
    await expect(page).toHaveURL(new RegExp(`^${app.origin}/(\\?.*)?$`))
    await expect(page.getByText(text, { exact: true })).toBeVisible()
    expect(await postsOnPds(account)).toEqual([text])
    await page.reload()
    await expect(page.getByText(text, { exact: true })).toBeVisible()

    await page.getByRole('button', { name: /^Delete post/ }).click()
    await expect(page.getByText('Post deleted.')).toBeVisible()
    expect(await postsOnPds(account)).toEqual([])

    await page.getByRole('button', { name: 'Sign out' }).click()
    await expect(page.getByRole('link', { name: 'Sign in' }).first()).toBeVisible()
    await page.goto(`${app.origin}/compose`)
    await expect(page).toHaveURL(`${app.origin}/sign-in?returnTo=%2Fcompose`)
  })
}

test('the avatar comes through the app and is an image', async ({ page, context, app, network }) => {
  await addAccount(page, network.accounts.alice, app)
  const { headers } = await ask(context, app, '/avatar')
  expect(headers.get('content-type')).toMatch(/^image\//)
  expect(headers.get('content-security-policy')).toContain('sandbox')
})

test('no token or key is in a page, and no DID in a cookie', async ({ page, context, app, network }) => {
  await signIn(page, network.accounts.alice, app)
  const cookies = (await context.cookies(app.origin)).filter(({ name }) => name.includes('atproto-session'))
  expect(cookies).toHaveLength(1)
  expect(cookies[0]).toMatchObject({
    httpOnly: true,
    sameSite: 'Lax',
    path: '/',
    secure: app.origin.startsWith('https'),
  })
  const value = decodeURIComponent(cookies[0]?.value ?? '')
  expect(value).not.toContain('did:')
  expect(value.length).toBeLessThan(1024)
  const html = await (await ask(context, app, '/')).text()
  expect(html).not.toMatch(/access_?token|refresh_?token|dpopJwk|Fe26\.2/i)
})
