/**
 * What the TypeScript compiler makes of the sources: the types of everything, and the JavaScript of the components. A
 * component stays a file of its own, because `'use client'` is for a whole file.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Entry } from './entries.ts'

/** The text of files of the package by their path in dist/. */
export type Files = ReadonlyMap<string, string>

export interface Compiled {
  /** The types of each entry, and those that they import. */
  readonly types: Files
  /** The components and what is beside them, one file for each source. */
  readonly components: Files
  /** Files outside of the components that these import, without suffix, such as `web/sign-in-error`. */
  readonly importedByComponents: readonly string[]
}

/** The folder of the components. */
const COMPONENTS = 'react/'

/**
 * Runs the compiler.
 *
 * @throws Error with what it printed when a type is wrong
 */
export async function compile(root: string, entries: readonly Entry[]): Promise<Compiled> {
  const folder = await mkdtemp(join(tmpdir(), 'atproto-compiled-'))
  try {
    await runCompiler(root, folder)
    const types = await readWithImports(
      folder,
      entries.map(({ name }) => `${name}.d.ts`),
    )
    const ofComponents = entries.filter(({ name }) => name.startsWith(COMPONENTS))
    const reached = await readWithImports(
      folder,
      ofComponents.map(({ name }) => `${name}.js`),
    )
    const components = new Map([...reached].filter(([path]) => path.startsWith(COMPONENTS)))
    const imported = new Set([...components].flatMap(([path, text]) => importsOf(path, text)))
    const outside = [...imported].filter((path) => !path.startsWith(COMPONENTS))
    return { types, components, importedByComponents: outside.map((path) => path.replace(/\.js$/, '')) }
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function runCompiler(root: string, folder: string): Promise<void> {
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const args = [compiler, '-p', join(root, 'tsconfig.lib.json'), '--outDir', folder]
  await promisify(execFile)(process.execPath, args).catch((error) => {
    throw new Error(`tsc failed:\n${error.stdout}${error.stderr}`, { cause: error })
  })
}

/** Files by their path in a folder, and those that they import, and so on; in the order of their paths. */
async function readWithImports(folder: string, first: readonly string[]): Promise<Files> {
  const files = new Map<string, string>()
  const paths = new Set(first)
  for (const path of paths) {
    const text = await readFile(join(folder, path), 'utf8')
    files.set(path, text)
    for (const imported of importsOf(path, text)) paths.add(imported)
  }
  return new Map([...files].toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

/** The paths that a file imports, of those that are relative. Types name their source, whose types they mean. */
function importsOf(path: string, text: string): readonly string[] {
  const specifiers = text.matchAll(/(?:\bfrom|\bimport\(?)\s*['"](\.[^'"]+)['"]/g)
  return [...specifiers].map(([, specifier = '']) =>
    join(dirname(path), specifier.replace(/\.tsx?$/, '.d.ts')),
  )
}
