/** What the test of the quick start does to its application that its reader does by hand, and what it looks at. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from '@playwright/test'
import { allowLoopbackOrigin, CONFIG_LINE } from '../../../lib/cli/project/next-config.ts'
import { readPages } from '../../../tools/docs/pages.ts'
import { readmeNames } from './readme.ts'

/** Adds the line that README names to the settings that create-next-app wrote. */
export async function allowLoopback(folder: string): Promise<void> {
  if (!readmeNames(CONFIG_LINE)) throw new Error(`The README does not name ${CONFIG_LINE}`)
  await change(join(folder, 'next.config.ts'), (text) => allowLoopbackOrigin(text) ?? text)
}

/** Names the sign-in page in both calls, as README says. */
export async function nameSignInPage(folder: string): Promise<void> {
  const name = "signInPage: '/sign-in'"
  if (!readmeNames(`name it as \`${name}\` in both calls`))
    throw new Error(`The README does not say ${name}.`)
  for (const path of ['auth.ts', 'proxy.ts']) await change(join(folder, path), (text) => withSignInPage(text))
}

/** A file of README with the name of the sign-in page at the end of its call's options. */
export function withSignInPage(text: string): string {
  return text.replace(/((?:createAtprotoAuth|authProxy)\(\{.*) \}\)/, "$1, signInPage: '/sign-in' })")
}

/** Adds to the stylesheet of create-next-app what docs/components.md adds for Tailwind. */
export async function importIntoLayer(folder: string): Promise<void> {
  const page = readPages().find(({ path }) => path === 'docs/components.md')
  const [, lines = ''] = /^```css\n\/\* app\/globals\.css \*\/\n([\s\S]*?)^```$/m.exec(page?.text ?? '') ?? []
  await change(join(folder, 'app/globals.css'), (text) => text.replace('@import "tailwindcss";\n', lines))
}

async function change(path: string, by: (text: string) => string): Promise<void> {
  const text = await readFile(path, 'utf8')
  const changed = by(text)
  if (changed === text) throw new Error(`${path} is not as this test knows it:\n${text}`)
  await writeFile(path, changed)
}

/** A page in a browser of its own, which waits while `next dev` compiles on a busy machine. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await (await browser.newContext({ locale: 'en-US', ...options })).newPage()
  page.setDefaultTimeout(90_000)
  return page
}

/** How far the content of the page has moved by itself since it was opened: the sum that browsers call CLS. */
export function layoutShiftOf(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        new PerformanceObserver((list) =>
          resolve(
            list.getEntries().reduce((sum, entry) => sum + ('value' in entry ? Number(entry.value) : 0), 0),
          ),
        ).observe({ type: 'layout-shift', buffered: true })
        // With nothing to tell, an observer is never called.
        requestAnimationFrame(() => setTimeout(() => resolve(0)))
      }),
  )
}

/** The routes of `next build`'s table by their mark: `○` static, `◐` with a static shell, `ƒ` dynamic. */
export function routesIn(output: string): Readonly<Record<string, string>> {
  const rows = [...output.matchAll(/^[┌├└] ([○◐ƒ]) (\/\S*)/gm)]
  return Object.fromEntries(rows.map(([, mark = '', path = '']) => [path, mark]))
}
