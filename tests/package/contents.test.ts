/** What is in the package that people install, and what is not. */
import { mkdtemp, mkdtempDisposable, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { z } from 'zod'
import { newest } from '../support/package/matrix.ts'
import { npm, runIn } from '../support/package/npm.ts'
import { unpack } from '../support/package/unpack.ts'

const KIB = 1024
const root = join(import.meta.dirname, '../..')
let folder: string
let files: ReadonlyMap<string, string>

beforeAll(async () => {
  // Beside node_modules of this project, so that a bundler finds the dependencies.
  folder = await mkdtemp(join(tmpdir(), 'atproto-contents-'))
  await runIn(folder, 'tar', ['-xzf', inject('tarball')])
  files = await unpack(inject('tarball'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

/** tests/package/documentation.test.ts says which. */
const isDocumentation = /^dist\/docs\//
const notBuilt = /^dist\/(react\/styles\.css$|docs\/)/

const manifestSchema = z.object({
  exports: z.record(z.string(), z.union([z.string(), z.record(z.string(), z.string())])),
  bin: z.record(z.string(), z.string()),
  scripts: z.record(z.string(), z.string()),
})
const manifest = () => manifestSchema.parse(JSON.parse(files.get('package.json') ?? ''))

describe('the files of the package', () => {
  it('are the built library, its types and what people read, and nothing else', () => {
    const documents = ['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'package.json']
    const built =
      /^dist\/(errors|error-reason|untrusted-text|bounded-map|expiring-map|(cli|config|crypto|edge|identity|net|next|oauth|react|store|testing|web)(\/[a-z0-9-]+){1,2})\.(js|d\.ts)$/
    const others = [...files.keys()].filter((path) => !built.test(path) && !notBuilt.test(path))
    expect(others.sort()).toEqual(documents)
  })

  it('are one built file for each source, with its types', async () => {
    const expected = (await sources()).flatMap((path) => {
      const name = path.replace(/^lib\//, 'dist/').replace(/\.tsx?$/, '')
      return path.endsWith('.css') ? [name] : [`${name}.js`, `${name}.d.ts`]
    })
    const built = [...files.keys()].filter((path) => path.startsWith('dist/') && !isDocumentation.test(path))
    expect(built.sort()).toEqual(expected.sort())
  })

  it('begin with the directive of their source, and no other', async () => {
    for (const path of (await sources()).filter((source) => !source.endsWith('.css'))) {
      const built = files.get(path.replace(/^lib\//, 'dist/').replace(/\.tsx?$/, '.js')) ?? ''
      expect(directiveOf(built), path).toBe(directiveOf(await readFile(join(root, path), 'utf8')))
    }
  })

  it('hold no test, no map, no path of this machine and no secret', () => {
    for (const [path, text] of files) {
      expect(path).not.toMatch(/\.test\.|\.spec\.|(^|\/)tests?\/|\.map$|\.env|\.sqlite/)
      expect(text, path).not.toMatch(/sourceMappingURL|\/tmp\/|\/work\/|BEGIN (EC )?PRIVATE KEY-----\n\w/)
    }
  })

  it('have what each entry names', () => {
    const targets = Object.values(manifest().exports).flatMap((target) =>
      typeof target === 'string' ? [target] : Object.values(target),
    )
    for (const target of [...targets, ...Object.values(manifest().bin)])
      expect(files.has(target.replace('./', '')), target).toBe(true)
  })

  it('are at the entries of the documentation', () => {
    const stores = ['memory', 'sqlite', 'redis', 'vercel-kv'].map((name) => `./stores/${name}`)
    const components = ['./react', './react/styles.css']
    expect(Object.keys(manifest().exports)).toEqual(
      expect.arrayContaining(['.', './oauth', './middleware', ...components, ...stores]),
    )
  })

  it('keep their directives: server-only where secrets are, none on the edge, a shebang for the command', () => {
    for (const name of ['index', 'auth', 'config/load-config', 'handlers/routes'])
      expect(files.get(`dist/next/${name}.js`), name).toContain("import 'server-only'")
    expect(files.get('dist/next/middleware.js')).not.toContain('server-only')
    const inBrowsers = [
      'parts/submit-button',
      'session/session-context',
      'account-menu/account-disclosure',
      'suggestions/suggesting-input',
    ]
    for (const name of inBrowsers)
      expect(files.get(`dist/react/${name}.js`), name).toMatch(/^(\/\*\*[^\n]*\*\/\n)?'use client'/)
    for (const name of [
      'index',
      'sign-in/sign-in-form',
      'session/session-provider',
      'account-menu/account-menu',
    ])
      expect(files.get(`dist/react/${name}.js`), name).not.toContain("'use client'")
    expect(files.get('dist/cli/main.js')).toMatch(/^#!\/usr\/bin\/env node\n/)
    const serverActions = [...files].filter(
      ([path, text]) => /\.js$/.test(path) && /^\s*['"]use server['"]/m.test(text),
    )
    expect(serverActions.map(([path]) => path)).toEqual([])
  })
})

describe('those who install it', () => {
  it('run none of its scripts, nor of anything it depends on', async () => {
    for (const name of ['preinstall', 'install', 'postinstall', 'prepare'])
      expect(manifest().scripts).not.toHaveProperty(name)
    expect(await runtimeScripts()).toEqual([])
  })

  describe.concurrent('beside other packages', () => {
    /** Writes a lock file for an application that has these packages and then adds this one. */
    const installing = async (packages: Readonly<Record<string, string>>) => {
      await using app = await mkdtempDisposable(join(tmpdir(), 'atproto-peers-'))
      const dependencies = { next: newest.next, react: '19', 'react-dom': '19', ...packages }
      await writeFile(join(app.path, 'package.json'), JSON.stringify({ private: true, dependencies }))
      await npm(['install', '--package-lock-only', inject('tarball')], app.path)
    }

    it.each(['15.5.27', '16.4.0', '16.2.12', '14.2.35', '16.4.0-canary.48'])(
      'X10: are refused Next.js %s by npm itself, which has published holes or may have them',
      (next) => expect(installing({ next })).rejects.toThrow(/ERESOLVE/),
      120_000,
    )

    it.each([
      { next: '15.5.28' },
      { next: '16.4.1' },
      { next: '16.5.0-canary.38' },
      { redis: '4.7.0', '@upstash/redis': '1.33.0' },
      { redis: '5.12.1', '@upstash/redis': '1.35.0' },
      { '@vercel/kv': '1.0.1' },
    ])('have no conflict with %j', installing, 120_000)
  })

  it('find nothing that publint complains of', async () => {
    const tarball = toArrayBuffer(await readFile(inject('tarball')))
    const { messages } = await publint({ pack: { tarball }, strict: true })
    expect(messages).toEqual([])
  })

  it('get types that fit the code, wherever they import it from', async () => {
    const tarball = createPackageFromTarballData(await readFile(inject('tarball')))
    // Next.js itself declares what importing a stylesheet means.
    const analysis = await checkPackage(tarball, { excludeEntrypoints: ['./react/styles.css'] })
    if (!analysis.types) throw new Error('there are no types')
    // ESM only, by decision: CommonJS loads it with require(esm), and resolution without `exports` is of the past.
    const problems = analysis.problems.filter(
      (problem) =>
        !('resolutionKind' in problem && ['node10', 'node16-cjs'].includes(problem.resolutionKind)),
    )
    expect(problems).toEqual([])
  })

  it('download little', async () => {
    const { size } = new Blob([await readFile(inject('tarball'))])
    const bytesOf = (isIncluded: (path: string) => boolean) =>
      [...files].reduce((sum, [path, text]) => sum + (isIncluded(path) ? Buffer.byteLength(text) : 0), 0)
    expect(size).toBeLessThan(576 * KIB)
    expect(bytesOf((path) => isDocumentation.test(path))).toBeLessThan(432 * KIB)
    expect(bytesOf((path) => !isDocumentation.test(path))).toBeLessThan(1440 * KIB)
  })
})

describe('on the edge', () => {
  it('X12: the guard is at most 20 KiB, gzipped, with all that it imports but Next.js, and no node: module', async () => {
    const { code, imports } = await bundleForEdge('dist/next/middleware.js')
    expect(imports).toEqual(['next/server.js'])
    const size = gzipSync(code).byteLength
    console.log(
      `The guard's bundle: ${(size / KIB).toFixed(1)} KiB gzipped, ${(code.length / KIB).toFixed(1)} KiB in all.`,
    )
    expect(size).toBeLessThanOrEqual(20 * KIB)
  })

  it.each(['.', './oauth', './stores/sqlite'])('%s names a file that imports nothing', async (entry) => {
    const target = Object(manifest().exports[entry])['edge-light']
    expect((await bundleForEdge(target)).imports).toEqual([])
  })
})

/** Bundles a file of the package as for the edge, and expects no module of Node.js in it. */
async function bundleForEdge(path: string) {
  const bundle = await rolldown({
    input: join(folder, 'package', path),
    external: /^next\//,
    platform: 'browser',
    resolve: {
      modules: [join(root, 'node_modules')],
      conditionNames: ['edge-light', 'worker', 'import', 'default'],
    },
    onLog: (_level, log) => {
      throw new Error(log.message)
    },
  })
  const { output } = await bundle.generate({ format: 'esm', minify: true, codeSplitting: false })
  expect(output).toHaveLength(1)
  const [{ code, imports, dynamicImports }] = output
  expect(code).not.toMatch(/["'`]node:|\brequire\(/)
  return { code, imports: [...imports, ...dynamicImports] }
}

async function sources(): Promise<readonly string[]> {
  const names = ['-name', '*.ts', '-o', '-name', '*.tsx', '-o', '-name', '*.css']
  return (await runIn(root, 'find', ['lib', ...names])).trim().split('\n')
}

/** Only comments may come before it: bundlers look no further than the first statement. */
function directiveOf(text: string): string | undefined {
  return /^(?:#!.*\n|\s|\/\/.*\n|\/\*[\s\S]*?\*\/)*['"](use \w+)['"]/.exec(text)?.[1]
}

function toArrayBuffer(bytes: Uint8Array): ArrayBuffer {
  const buffer = new ArrayBuffer(bytes.byteLength)
  new Uint8Array(buffer).set(bytes)
  return buffer
}

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      hasInstallScript: z.boolean().optional(),
      dependencies: z.record(z.string(), z.string()).default({}),
      optionalDependencies: z.record(z.string(), z.string()).default({}),
    }),
  ),
})

/** The packages with install scripts among the dependencies of the package, and theirs. */
async function runtimeScripts(): Promise<readonly string[]> {
  const { packages } = lockSchema.parse(JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')))
  const reached = new Set(Object.keys(packages['']?.dependencies ?? {}))
  for (const name of reached) {
    const entry = packages[`node_modules/${name}`]
    if (!entry) throw new Error(`${name} is not in package-lock.json`)
    for (const next of Object.keys({ ...entry.dependencies, ...entry.optionalDependencies }))
      reached.add(next)
  }
  return [...reached].filter((name) => packages[`node_modules/${name}`]?.hasInstallScript)
}
