/** Installs the built package where the applications of the benchmark find it, as npm would. */
import { cp, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '../..')
/** Where the benchmark works; inside the repository, because Next.js follows no link out of its root. */
export const workFolder = join(root, '.results/bench')
/** In which `import 'next-atproto-auth'` finds the built package, and all other packages. */
export const packageFolder = workFolder

/**
 * Processes of the benchmark in this repository find `dist` by the package's own name, through the same `exports`. The
 * command has built it before: the measures import from it.
 */
export async function installPackage(): Promise<void> {
  const installed = join(workFolder, 'node_modules/next-atproto-auth')
  await rm(installed, { recursive: true, force: true })
  await mkdir(installed, { recursive: true })
  for (const name of ['package.json', 'dist'])
    await cp(join(root, name), join(installed, name), { recursive: true })
}
