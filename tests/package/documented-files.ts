/** Every file of the documentation in the application of the quick start: built, linted, and used under `next start`. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { beforeAll, describe, expect, it } from 'vitest'
import { connectErrorMessage } from '../../lib/web/sign-in-error.ts'
import manifest from '../../package.json' with { type: 'json' }
import { readPages } from '../../tools/docs/pages.ts'
import { build } from '../support/package/bare-app.ts'
import { documentedFiles, readmeFiles, writeFiles } from '../support/package/documented-files.ts'
import { newest } from '../support/package/matrix.ts'
import { npm, runIn } from '../support/package/npm.ts'
import { importIntoLayer, layoutShiftOf, openPage, routesIn } from '../support/package/quick-start.ts'
import { type Started, startApp } from '../support/package/start-app.ts'
import { expectPage, postFromCompose, signInHere } from '../support/package/visitor.ts'
import type { World } from '../support/package/world.ts'

interface Place {
  readonly world: World
  readonly folder: string
}

/** The page of docs/connect.md, where it is built. */
const settingsPage = 'connect/app/settings'

const tailwindPage = `import { SignInForm } from 'next-atproto-auth/react'

export default function Styled() {
  return <SignInForm classNames={{ submit: 'rounded-none bg-[rgb(1,2,3)]' }} />
}
`

/** Tests of the application that README's own tests have made. */
export function tryDocumentedFiles(place: () => Place): void {
  it('builds, lints and has no type error with every file of the documentation', async () => {
    const { folder } = place()
    const readme = readmeFiles().map(({ path }) => path)
    await writeFiles(
      folder,
      documentedFiles().filter(({ path }) => !readme.includes(path)),
    )
    // As the recipes say: the package holds its own part of it.
    await npm(['install', `zod@${manifest.devDependencies.zod}`], folder)
    await mkdir(join(folder, 'app/styled'))
    await writeFile(join(folder, 'app/styled/page.tsx'), tailwindPage)
    await importIntoLayer(folder)
    const output = await build(newest, folder)
    expect(output).toContain('Cache Components enabled')
    expect(output.split('\n').filter((line) => /warn|⚠|can't resolve|error/i.test(line))).toEqual([])
    expect(routesIn(output)).toMatchObject(documentedRoutes())
    expect(await runIn(folder, 'npm', ['run', '--silent', 'lint', '--', '--max-warnings', '0'])).toBe('')
    await runIn(folder, join(folder, 'node_modules/.bin/tsc'), ['--noEmit'])
  })

  it('has the forms in what was built', async () => {
    const { folder } = place()
    const shellOf = (path: string) => readFile(join(folder, `.next/server/app/${path}.html`), 'utf8')
    expect(await shellOf('compose')).toMatch(/<textarea[^>]* name="text".*action="\/oauth\/logout"/s)
    expect(await shellOf('sign-in')).toMatch(/action="\/oauth\/login".*name="identifier"/s)
    expect(await shellOf(settingsPage)).toMatch(/<input[^>]* name="identifier".*Connect Bluesky/s)
  })

  describe('under next start', () => {
    let server: Started
    const start = async () => {
      const { world, folder } = place()
      const env = { PUBLIC_URL: origin(), LOCAL_NETWORK: JSON.stringify(world.network.localNetwork) }
      return startApp(newest, folder, { port: world.port, env })
    }
    const origin = () => place().world.originOf({ client: 'loopback' })
    const carol = () => place().world.network.accounts.carol

    beforeAll(async () => {
      server = await start()
      return () => server[Symbol.asyncDispose]()
    })

    it('signs in, posts by page and route, and signs out; nothing moves', async () => {
      await using page = await openPage(place().world.browser)
      await enter(page)
      expect(await layoutShiftOf(page)).toBe(0)
      await postFromCompose(page, carol(), 'Under next start')
      await expectPage(page.getByText('Posted', { exact: true })).toBeVisible()
      expect(await postByRoute(page)).toBe(200)
      for (const path of ['/account', '/accounts']) {
        await page.goto(origin() + path)
        await expectPage(page.getByText(carol().did).first()).toBeVisible()
      }
      await signOut(page)
      expect(server.output()).not.toMatch(/⨯|Error:/)
    })

    it('does the same where script files are blocked', async () => {
      await using page = await openPage(place().world.browser)
      await page.route(`${origin()}/_next/**/*.js*`, (route) => route.abort())
      await enter(page)
      await postFromCompose(page, carol(), 'Without script files')
      await signOut(page)
    })

    it('C12: begins a sign-in, posts and signs out where JavaScript is off, and leaves a page in another window', async () => {
      const { browser } = place().world
      await using signedIn = await openPage(browser)
      await enter(signedIn)
      const storageState = await signedIn.context().storageState()
      await using page = await openPage(browser, { javaScriptEnabled: false, storageState })
      await page.goto(`${origin()}/compose`)
      await postFromCompose(page, carol(), 'Without JavaScript')
      await page.goto(`${origin()}/account`)
      await expectPage(page.locator('noscript')).toBeVisible()
      expect(await page.locator('noscript').textContent()).toContain('only with JavaScript')
      await page.goto(`${origin()}/compose`)
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.waitForURL(`${origin()}/`)
      await page.goto(`${origin()}/compose`)
      await page.getByRole('textbox', { name: 'Handle or DID' }).fill(carol().handle)
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await page.waitForURL(`${carol().pdsUrl}/oauth/authorize?*`)
      // C12: this window's cookie passes the proxy, and the page has begun when it finds that the session has ended.
      const answer = await signedIn.goto(`${origin()}/account`)
      expect(answer?.status()).toBe(200)
      await signedIn.waitForURL(`${origin()}/sign-in?returnTo=%2Faccount`)
    })

    it('is ready, by the route of docs/deployment.md', async () => {
      const answer = await fetch(`${server.url}/deployment/app/api/ready`)
      expect([answer.status, await answer.json()]).toEqual([200, { store: 'up' }])
    })

    it('C15: answers a program 401, and another site 403, where a page would redirect', async () => {
      const ask = async (site: string) => {
        const headers = { 'sec-fetch-site': site }
        return (await fetch(`${server.url}/api/posts`, { method: 'POST', headers, body: '{}' })).status
      }
      expect(await ask('same-origin')).toBe(401)
      expect(await ask('same-site')).toBe(403)
    })

    it('says why a connection has failed to a user who has signed out meanwhile, and that they are signed out', async () => {
      await using page = await openPage(place().world.browser)
      await page.goto(`${origin()}/${settingsPage}?error=user_mismatch`)
      await expectPage(page.getByText(connectErrorMessage('user_mismatch') ?? '-')).toBeVisible()
      await expectPage(page.getByText('You are signed out.')).toBeVisible()
    })

    it('C2: lets utilities of Tailwind override the stylesheet, which still applies', async () => {
      await using page = await openPage(place().world.browser)
      await page.goto(`${origin()}/styled`)
      const button = page.getByRole('button', { name: 'Sign in' })
      await expectPage(button).toHaveCSS('background-color', 'rgb(1, 2, 3)')
      await expectPage(button).toHaveCSS('border-radius', '0px')
      await expectPage(button).toHaveCSS('min-height', '44px')
    })

    async function enter(page: Page): Promise<void> {
      await page.goto(`${origin()}/compose`)
      await page.waitForURL(`${origin()}/sign-in?returnTo=%2Fcompose`)
      await expectPage(page.locator('input[name="returnTo"]')).toHaveValue('/compose')
      await signInHere(page, carol())
      await page.waitForURL(`${origin()}/compose`)
      await expectPage(page.getByText(`Signed in as ${carol().did}`)).toBeVisible()
    }

    async function signOut(page: Page): Promise<void> {
      await page.goto(`${origin()}/compose`)
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.waitForURL(`${origin()}/`)
      await page.goto(`${origin()}/compose`)
      await page.waitForURL(`${origin()}/sign-in?returnTo=%2Fcompose`)
    }
  })
}

function postByRoute(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const body = JSON.stringify({ text: 'By the route' })
    return (await fetch('/api/posts', { method: 'POST', body })).status
  })
}

/** The table of docs/next-js.md: what each page is in the output of `next build`. */
function documentedRoutes(): Readonly<Record<string, string>> {
  const page = readPages().find(({ path }) => path === 'docs/next-js.md')
  const rows = [...(page?.text ?? '').matchAll(/^\| `(\/\S*)` \| ([◐ƒ○]) /gm)]
  expect(rows.length).toBeGreaterThan(5)
  return Object.fromEntries(rows.map(([, path = '', mark = '']) => [path, mark]))
}
