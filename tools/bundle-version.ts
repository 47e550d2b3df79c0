/**
 * Bundles the library as it was at a commit into one module, for tests that run two versions beside each other:
 *
 *   node tools/bundle-version.ts d6bd04c tests/fixtures/version-0.1.0/library.mjs
 *
 * The packages that the library imports stay imports, and nothing is minified. Three things differ from the sources,
 * so that plain Node.js can load the module, and beside another version:
 * - `server-only` is left out: it throws outside of a bundle for servers;
 * - the modules of Next.js get the suffix that Node.js demands;
 * - the state of the process has another key. In a deployment two versions are two processes, which share only the
 *   store and the cookies.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Plugin, rolldown } from 'rolldown'

/** What the tests use: public entries, and the command line behind `bin`. */
const ENTRY = `
export { buildClientMetadata, importKeyset, OAuthClient } from './lib/oauth/index.ts'
export { createAtprotoAuth } from './lib/next/index.ts'
export { createMemoryStore } from './lib/store/memory.ts'
export { createSqliteStore } from './lib/store/sqlite.ts'
export { createVercelKvStore } from './lib/store/vercel-kv.ts'
export { runCommandLine } from './lib/cli/command-line.ts'
`
const PROCESS_STATE = "Symbol.for('next-atproto-auth/1')"
const OTHER_PROCESS_STATE = 'Symbol.for("next-atproto-auth/1, a previous version")'
const EMPTY = '\0empty'

const forPlainNode: Plugin = {
  name: 'for-plain-node',
  resolveId(id) {
    if (id === 'server-only') return EMPTY
    if (id === EMPTY || /^[./]/.test(id)) return undefined
    const hasSuffix = !id.startsWith('next/') || /\.(js|json)$/.test(id)
    return { id: hasSuffix ? id : `${id}.js`, external: true }
  },
  load: (id) => (id === EMPTY ? '' : undefined),
  transform: (code) => code.replace(PROCESS_STATE, OTHER_PROCESS_STATE),
}

async function bundle(commit: string, file: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'atproto-version-'))
  try {
    const sources = execFileSync('git', ['archive', commit, 'lib'], { maxBuffer: 64 * 1024 * 1024 })
    execFileSync('tar', ['x', '-C', folder], { input: sources })
    const input = join(folder, 'entry.ts')
    writeFileSync(input, ENTRY)
    const build = await rolldown({ input, cwd: folder, platform: 'node', plugins: [forPlainNode] })
    const { output } = await build.generate({ format: 'esm', codeSplitting: false, comments: false })
    await build.close()
    const { code } = output[0]
    if (!code.includes(OTHER_PROCESS_STATE)) throw new Error(`${PROCESS_STATE} was not found.`)
    writeFileSync(file, bannerFor(commit) + code)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function bannerFor(commit: string): string {
  return `/**
 * The library at ${commit}, unminified, its packages left outside: a test fixture, not to be edited. Made by
 * tools/bundle-version.ts, which says what is different from the sources.
 */
`
}

const [commit, file] = process.argv.slice(2)
if (commit === undefined || file === undefined) {
  console.error('Usage: node tools/bundle-version.ts <commit> <file>')
  process.exitCode = 2
} else {
  await bundle(commit, file)
}
