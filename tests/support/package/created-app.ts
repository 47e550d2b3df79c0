/** A new application as `npx create-next-app` makes it today, with the package installed from a tarball inside of it. */
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { completeLock } from './lock-file.ts'
import { npm, runIn } from './npm.ts'

const pinned = join(import.meta.dirname, '../../../node_modules/create-next-app/dist/index.js')

/** The answers that are the defaults of its questions, whatever this machine's user has answered before. */
const answers = [
  ...['--yes', '--ts', '--eslint', '--tailwind', '--app', '--no-src-dir', '--import-alias', '@/*'],
  ...['--use-npm', '--skip-install', '--disable-git'],
]

/**
 * Makes it in `folder`.
 *
 * @param creator the version that package-lock.json names, or the newest of the registry
 */
export async function createNewApp(
  folder: string,
  { creator, tarball }: { readonly creator: 'pinned' | 'latest'; readonly tarball: string },
): Promise<void> {
  const program =
    creator === 'pinned' ? [process.execPath, pinned] : ['npx', '--yes', 'create-next-app@latest']
  const preferences = `XDG_CONFIG_HOME=${folder}-preferences`
  await runIn(dirname(folder), 'env', [preferences, ...program, basename(folder), ...answers])
  await leaveOutFonts(join(folder, 'app/layout.tsx'))
  await installTarball(folder, tarball)
}

/** Installs as README says: with the tarball in the application, where `npm ci` finds it on another machine. */
export async function installTarball(folder: string, tarball: string): Promise<void> {
  const name = basename(tarball)
  await mkdir(join(folder, 'vendor'), { recursive: true })
  await copyFile(tarball, join(folder, 'vendor', name))
  await npm(['install', `./vendor/${name}`], folder)
  await completeLock(join(folder, 'package-lock.json'))
}

/** The fonts of the template come from Google when it is built; a test does not ask for them. */
async function leaveOutFonts(path: string): Promise<void> {
  const text = await readFile(path, 'utf8')
  const changed = text
    .replace(/^import .*"next\/font\/google";\n/m, '')
    .replaceAll(/^const \w+ = Geist\w*\(\{.*?\}\);\n\n/gms, '')
    .replaceAll(/\$\{geist\w+\.variable\} ?/g, '')
  if (/geist/i.test(changed)) throw new Error(`${path} has fonts that this test does not know:\n${text}`)
  await writeFile(path, changed)
}

const manifestSchema = z.object({ version: z.string() })

/** What the application is made of, for the message of a failure: `next 16.4.3, react 19.3.0, …`. */
export async function versionsIn(folder: string): Promise<string> {
  const names = ['next', 'react', 'eslint', 'eslint-config-next', 'tailwindcss', 'typescript']
  const versions = names.map(async (name) => {
    const text = await readFile(join(folder, 'node_modules', name, 'package.json'), 'utf8')
    return `${name} ${manifestSchema.parse(JSON.parse(text)).version}`
  })
  return (await Promise.all(versions)).join(', ')
}
