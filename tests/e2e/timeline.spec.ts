/** The timeline, asked through the person's PDS from an AppView; and what is said when there is none. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AtpAgent } from '@atproto/api'
import { expect, test } from '../support/e2e/fixtures.ts'
import { expectFine } from '../support/e2e/looks.ts'
import { approve } from '../support/e2e/person.ts'
import { startSignedIn } from '../support/e2e/signed-in.ts'
import type { LocalAccount } from '../support/network/accounts.ts'
import { startApp } from '../support/network/app-server.ts'
import { drawAvatar } from '../support/network/avatar.ts'
import { findFreePort } from '../support/network/free-port.ts'

/** Posts a picture past the app; its at:// URI. */
async function postPicture(account: LocalAccount): Promise<string> {
  const agent = new AtpAgent({ service: account.pdsUrl })
  await agent.login({ identifier: account.did, password: account.password })
  const { data } = await agent.uploadBlob(drawAvatar(60), { encoding: 'image/png' })
  const images = [{ image: data.blob, alt: 'A statue' }]
  const { uri } = await agent.post({
    text: 'In the museum',
    createdAt: new Date().toISOString(),
    embed: { $type: 'app.bsky.embed.images', images },
  })
  return uri
}

test('the timeline shows everybody’s posts, asked through the PDS in the person’s name', async ({
  page,
  app,
  network,
  appView,
}) => {
  const { alice, carol } = network.accounts
  const text = 'We are all mad here.'
  await startSignedIn(page, alice, app)
  await page.goto(`${app.origin}/compose`)
  await page.getByRole('textbox', { name: 'Your post' }).fill(text)
  await page.getByRole('button', { name: 'Post', exact: true }).click()
  await expect(page.getByText('Posted.')).toBeVisible()

  await startSignedIn(page, carol, app)
  const asked = appView.calls.length
  await page.getByRole('link', { name: 'Timeline' }).click()
  await expect(page.getByRole('heading', { name: 'This app needs your permission first' })).toBeVisible()
  expect(appView.calls).toHaveLength(asked)
  await page.getByRole('link', { name: 'Ask my server' }).click()
  await approve(page, carol, app)
  const post = page.getByRole('listitem').filter({ hasText: text })
  await expect(post.getByRole('heading', { name: alice.displayName })).toBeVisible()
  await expect(post.getByText(`@${alice.handle}`)).toBeVisible()
  expect(appView.calls.at(-1)).toEqual({
    iss: carol.did,
    aud: appView.did,
    lxm: 'app.bsky.feed.getTimeline',
  })

  const labelled = await postPicture(network.accounts.bob)
  await page.reload()
  await expect(page.getByRole('img', { name: 'A statue' })).toBeVisible()
  appView.labels.set(labelled, 'nudity')
  await page.reload()
  await expect(page.getByRole('img', { name: 'A statue' })).toBeHidden()
  await page.getByText('Nudity: show pictures').click()
  await expect(page.getByRole('img', { name: 'A statue' })).toBeVisible()
  appView.labels.set(labelled, '!hide')
  await page.reload()
  await expect(post).toBeVisible()
  await expect(page.getByText('In the museum')).toHaveCount(0)

  for (const mode of ['unavailable', 'drop'] as const) {
    appView.mode = mode
    await page.goto(`${app.origin}/timeline`)
    await expect(page.getByRole('heading', { name: 'The timeline could not be loaded' })).toBeVisible()
  }
  appView.mode = 'open'
  await page.getByRole('link', { name: 'Try again' }).click()
  await expect(post).toBeVisible()
})

test('an app without an AppView says so', async ({ page, network }) => {
  const port = await findFreePort()
  const origin = `http://127.0.0.1:${port}`
  const folder = await mkdtemp(join(tmpdir(), 'atproto-e2e-'))
  const env = { DEMO_NETWORK: JSON.stringify(network.localNetwork), ATPROTO_DATA_DIR: folder }
  {
    await using server = await startApp({ port, env: { ...env, PUBLIC_URL: origin } })
    await startSignedIn(page, network.accounts.bob, { origin, server })
    await expect(page.getByRole('link', { name: 'Timeline' })).toHaveCount(0)
    await page.goto(`${origin}/timeline`)
    await expect(page.getByRole('heading', { name: 'This app has no timeline' })).toBeVisible()
    await expectFine(page, 'a timeline that there is not')
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 3 })
})
