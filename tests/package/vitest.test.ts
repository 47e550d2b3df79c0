/** A unit test of an application that imports its auth.ts, in Vitest with the configuration of the documentation. */
import { mkdir, mkdtempDisposable, readFile, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, inject, it } from 'vitest'
import { copyInstallation } from '../support/package/bare-app.ts'
import { runIn } from '../support/package/npm.ts'

const root = join(import.meta.dirname, '../..')

const files = {
  'auth.ts': `import { createAtprotoAuth } from 'next-atproto-auth'
export const auth = createAtprotoAuth({ clientName: 'My App' })
`,
  // As create-next-app makes it, in part.
  'tsconfig.json': '{ "compilerOptions": { "paths": { "@/*": ["./*"] } } }',
  'tests/unit/auth.test.ts': `import { AtprotoAuthError } from 'next-atproto-auth'
import { expect, it } from 'vitest'
import { auth } from '@/auth'

it('can be imported', async () => {
  expect(new AtprotoAuthError('timeout', 'Too late.').code).toBe('timeout')
  await expect(auth.getSession()).rejects.toThrow(/outside a request scope/)
})
`,
}

async function configurationOfTheDocs(): Promise<string> {
  const text = await readFile(join(root, 'docs/testing.md'), 'utf8')
  const [, code] = /```ts\n\/\/ vitest\.config\.mts\n([\s\S]*?)```/.exec(text) ?? []
  if (code === undefined) throw new Error('docs/testing.md has no vitest.config.mts.')
  return code
}

it('a unit test can import auth.ts', async () => {
  await using place = await mkdtempDisposable(join(tmpdir(), 'atproto-vitest-'))
  const app = join(place.path, 'app')
  await copyInstallation(inject('installation'), app)
  await symlink(join(root, 'node_modules/vitest'), join(app, 'node_modules/vitest'))
  await mkdir(join(app, 'tests/unit'), { recursive: true })
  for (const [name, text] of Object.entries(files)) await writeFile(join(app, name), text)
  const vitest = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--no-color']
  // As installed, it is what the documentation says.
  await expect(runIn(app, process.execPath, vitest)).rejects.toThrow(/Cannot find (module|package)/)
  await writeFile(join(app, 'vitest.config.mts'), await configurationOfTheDocs())
  expect(await runIn(app, process.execPath, vitest)).toMatch(/Tests +1 passed/)
})
