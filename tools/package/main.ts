/**
 * `prepack` and `postpack`: npm takes README.md and its neighbours from the root of the repository, so they are
 * rewritten there for as long as npm packs, and then put back. `prepublishOnly`: `npm publish` of a folder would send
 * the README that was put back, for npm to show, beside a tarball with the other one.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { packedFiles, rootPages } from './pages.ts'

interface Change {
  readonly path: string
  readonly original: string
  readonly packed: string
}

const root = join(import.meta.dirname, '../..')
/** Ignored by git and not packed. */
const record = join(root, '.results/pages-before-pack.json')

const [command] = process.argv.slice(2)
if (command === 'prepare') prepare()
else if (command === 'restore') restore()
else if (command === 'refuse') refuse()
else throw new TypeError(`Expected "prepare", "restore" or "refuse", got ${command}.`)

function prepare(): void {
  // Of a run that was interrupted.
  restore()
  const files = packedFiles(root)
  const changes = files
    .filter(({ path }) => rootPages.includes(path))
    .map(({ path, text }) => ({ path, original: read(path), packed: text }))
  write(record, JSON.stringify(changes))
  for (const { path, text } of files) write(join(root, path), text)
}

/** Puts back what is still as `prepare` left it; somebody's own changes since then stay. */
function restore(): void {
  if (!existsSync(record)) return
  const changes: readonly Change[] = JSON.parse(readFileSync(record, 'utf8'))
  for (const { path, original, packed } of changes) {
    if (read(path) === packed) writeFileSync(join(root, path), original)
    else if (read(path) !== original) console.warn(`${path} was changed while it was packed; it was left so.`)
  }
  rmSync(record)
}

function refuse(): void {
  console.error(
    'Publish the packed file, so that npm shows the README that is in it: npm pack && npm publish ./*.tgz',
  )
  process.exitCode = 1
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
