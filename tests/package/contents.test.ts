/** What is in the package that people install, and what is not. */
import { mkdtemp, mkdtempDisposable, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
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
const isCode = /\.js$/
const isComponent = /^dist\/react\//

const manifestSchema = z.object({
  exports: z.record(z.string(), z.union([z.string(), z.record(z.string(), z.string())])),
  bin: z.record(z.string(), z.string()),
  scripts: z.record(z.string(), z.string()),
})
const packageSchema = z.object({
  dependencies: z.record(z.string(), z.string()),
  peerDependencies: z.record(z.string(), z.string()),
})
const manifest = () => manifestSchema.parse(JSON.parse(files.get('package.json') ?? ''))

describe('the files of the package', () => {
  it('are the built library, its types and what people read, and nothing else', () => {
    const documents = ['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'package.json']
    const built =
      /^dist\/((chunks|cli|edge|eslint|next|oauth|store|testing|web)(\/[a-z0-9-]+){1,2}\.js(\.map)?|react(\/[a-z-]+){1,2}\.js|([a-z0-9-]+\/){0,2}[a-z0-9-]+\.d\.ts)$/
    const others = [...files.keys()].filter((path) => !built.test(path) && !notBuilt.test(path))
    expect(others.sort()).toEqual(documents)
  })

  it('hold no module twice: each source is in one file, and the part of zod in another', async () => {
    const inMaps = [...maps()].flatMap(([path, { sources }]) =>
      sources.map((name) => join(dirname(path), name)),
    )
    const components = [...files.keys()].filter((path) => isComponent.test(path) && isCode.test(path))
    const ofComponents = components.map((path) => path.replace('dist/', 'lib/').replace(isCode, ''))
    const all = [...inMaps.map((source) => source.replace(/\.tsx?$/, '')), ...ofComponents]
    expect(all.length).toBeGreaterThan(250)
    expect(all.filter((source, at) => all.indexOf(source) !== at)).toEqual([])
    const withZod = [...files].filter(([path, text]) => isCode.test(path) && text.includes('ZodObject'))
    expect(withZod.map(([path]) => path)).toEqual(['dist/chunks/zod.js'])
  })

  it('have a map to their sources wherever several are in one file, with nothing of this machine in it', async () => {
    for (const [path, { sources, sourcesContent }] of maps()) {
      expect(files.get(path.replace(/\.map$/, '')), path).toContain(`sourceMappingURL=${basename(path)}`)
      for (const [at, source] of sources.entries()) {
        const inRepository = join(dirname(path), source)
        expect(inRepository).toMatch(/^lib\//)
        expect(sourcesContent[at], source).toBe(await readFile(join(root, inRepository), 'utf8'))
      }
    }
    const withoutMap = [...files].filter(
      ([path, text]) => isCode.test(path) && !text.includes('# sourceMappingURL'),
    )
    // Entries that only name parts of chunks, components, which have one source each, and the part of zod.
    const others = withoutMap.filter(([path]) => !isComponent.test(path) && path !== 'dist/chunks/zod.js')
    for (const [path, text] of others)
      expect(text.replace(/^(import|export) .*;\n?/gm, '').trim(), path).toBe('')
  })

  it('begin with the directive of their source, and no other', async () => {
    for (const [path, text] of files) {
      if (!isCode.test(path)) continue
      const source = isComponent.test(path) ? await componentSource(path) : ''
      expect(directiveOf(text), path).toBe(directiveOf(source))
    }
  })

  it('import nothing but what the package depends on, its peers and Node.js, in code and in types', () => {
    const { dependencies, peerDependencies } = packageSchema.parse(
      JSON.parse(files.get('package.json') ?? ''),
    )
    const known = new Set([...Object.keys(dependencies), ...Object.keys(peerDependencies)])
    for (const [path, text] of files) {
      if (!/\.(js|d\.ts)$/.test(path)) continue
      for (const specifier of importsOf(text)) {
        if (/^(\.|node:)/.test(specifier)) continue
        expect(known, `${specifier} in ${path}`).toContain(/^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0])
      }
    }
  })

  it('leave it to the running application to find drivers that it may not have', () => {
    const code = [...files].filter(([path]) => isCode.test(path))
    const drivers = code.flatMap(([, text]) =>
      [...text.matchAll(/\bimport\(\s*(\/\* webpackIgnore: true \*\/)?\s*"([^."][^"]*)"/g)].map(
        ([, ignored, name]) => ({ name, ignored: ignored !== undefined }),
      ),
    )
    const names = ['@upstash/redis', '@vercel/kv', 'pg', 'redis']
    expect(drivers.toSorted(byName)).toEqual(names.map((name) => ({ name, ignored: true })))
    for (const [path, text] of code)
      expect(text, path).not.toMatch(/^import .*["'](redis|pg|@vercel\/kv|@upstash\/redis)["']/m)
  })

  it('load nothing with the plugin for ESLint', () => {
    expect(importsOf(files.get('dist/eslint/index.js') ?? 'import "nothing"')).toEqual([])
    const types = [...files].filter(([path]) => /^dist\/eslint\/.*\.d\.ts$/.test(path))
    const imported = types.flatMap(([, text]) => importsOf(text))
    expect(imported.filter((name) => !name.startsWith('./'))).toEqual([])
  })

  it('hold no test, no path of this machine and no secret', () => {
    for (const [path, text] of files) {
      expect(path).not.toMatch(/\.test\.|\.spec\.|(^|\/)tests?\/|\.env|\.sqlite/)
      expect(text, path).not.toMatch(/\/tmp\/|\/work\/|BEGIN (EC )?PRIVATE KEY-----\n\w/)
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
    const stores = ['memory', 'sqlite', 'redis', 'postgres', 'vercel-kv'].map((name) => `./stores/${name}`)
    const components = ['./react', './react/styles.css']
    expect(Object.keys(manifest().exports)).toEqual(
      expect.arrayContaining([
        '.',
        './oauth',
        './middleware',
        './testing',
        './eslint',
        ...components,
        ...stores,
      ]),
    )
  })

  it('keep their directives: server-only where secrets are, none on the edge, a shebang for the command', () => {
    expect(files.get('dist/next/index.js')).toMatch(/^import "server-only";\n/)
    const serverOnly = [...files].filter(
      ([path, text]) => isCode.test(path) && importsOf(text).includes('server-only'),
    )
    expect(serverOnly.map(([path]) => path)).toEqual(['dist/next/index.js'])
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
      { pg: '8.11.0' },
      { pg: '8.23.1', '@electric-sql/pglite': '0.5.17' },
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

  it('pass the pools of other packages to the PostgreSQL store without a cast', async () => {
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
    const file = join(folder, 'package/pools.ts')
    await writeFile(file, pools)
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'esnext', '--module', 'nodenext']
    const compile = () =>
      runIn(folder, join(root, 'node_modules/.bin/tsc'), [...options, '--types', 'node', file])
    expect(await compile()).toBe('')
    // What is no pool is refused.
    await writeFile(file, `${pools}\ncreatePostgresStore({ pool: drizzle(new pg.Pool()) })\n`)
    await expect(compile()).rejects.toThrow(/TS2322|TS2769/)
  })

  it('download little', async () => {
    const { size } = new Blob([await readFile(inject('tarball'))])
    const bytesOf = (isIncluded: (path: string) => boolean) =>
      [...files].reduce((sum, [path, text]) => sum + (isIncluded(path) ? Buffer.byteLength(text) : 0), 0)
    // With the sources in the maps. Before, the download was 500 KiB, and that of zod another 1,100.
    expect(size).toBeLessThan(984 * KIB)
    const isMap = (path: string) => path.endsWith('.map')
    expect(bytesOf(isMap)).toBeLessThan(1728 * KIB)
    expect(bytesOf((path) => isDocumentation.test(path))).toBeLessThan(472 * KIB)
    expect(bytesOf((path) => !isDocumentation.test(path) && !isMap(path))).toBeLessThan(1296 * KIB)
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

  it.each(['dist/next/middleware.js', 'dist/edge/index.js', 'dist/edge/oauth.js', 'dist/edge/sqlite.js'])(
    '%s reads no file that names a module of Node.js, also before a bundler drops what is not used',
    (entry) => {
      const read = new Set([entry])
      for (const path of read) {
        const specifiers = importsOf(files.get(path) ?? '')
        expect(
          specifiers.filter((name) => name.startsWith('node:') || name === 'server-only'),
          path,
        ).toEqual([])
        for (const name of specifiers) if (name.startsWith('.')) read.add(join(dirname(path), name))
      }
      expect(read.size).toBeGreaterThan(1)
    },
  )
})

/** Each pool as its own package types it. */
const pools = `
import { PGlite } from '@electric-sql/pglite'
import { Pool as NeonPool } from '@neondatabase/serverless'
import { drizzle } from 'drizzle-orm/node-postgres'
import { createPostgresStore, type PostgresPool } from 'next-atproto-auth/stores/postgres'
import pg from 'pg'

const pool = new pg.Pool()
export const pools: readonly PostgresPool[] = [pool, new pg.Client(), new PGlite(), new NeonPool(), drizzle(pool).$client]
export const store = createPostgresStore({ pool, migrate: true, schema: 'auth', table: 'sessions' })
`

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

const mapSchema = z.object({ sources: z.array(z.string()), sourcesContent: z.array(z.string()) })

/** The source maps of the package by their paths. */
function maps(): ReadonlyMap<string, z.infer<typeof mapSchema>> {
  const texts = [...files].filter(([path]) => path.endsWith('.js.map'))
  return new Map(texts.map(([path, text]) => [path, mapSchema.parse(JSON.parse(text))]))
}

/** The source of a built component. */
async function componentSource(path: string): Promise<string> {
  const source = join(root, path.replace('dist/', 'lib/').replace(isCode, ''))
  return readFile(`${source}.tsx`, 'utf8').catch(() => readFile(`${source}.ts`, 'utf8'))
}

/** What a file imports or exports from elsewhere, at its start or later. */
function importsOf(text: string): readonly string[] {
  const statement = /^(?:import|export)\s(?:[^'"=;]*?\bfrom\s*)?["']([^"'\n]+)["']/gm
  const call = /\bimport\(\s*(?:\/\*.*?\*\/\s*)?["']([^"'\n]+)["']\s*\)/g
  return [...text.matchAll(statement), ...text.matchAll(call)].map(([, specifier = '']) => specifier)
}

function byName(a: { readonly name: string | undefined }, b: { readonly name: string | undefined }): number {
  return (a.name ?? '') < (b.name ?? '') ? -1 : 1
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
