/**
 * The JavaScript of the package but for the components: one file for each entry, and chunks that entries share, so that
 * no module is there twice and an import reads few files.
 *
 * Nothing is minified: a stack trace has the names of the sources, and a map to their lines.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type OutputChunk, rolldown } from 'rolldown'
import type { Files } from './compiled.ts'
import type { Entry } from './entries.ts'

/**
 * The one dependency whose code is in the package, and only what of it is used: as a package of its own it is 95 files,
 * which took a third of the time of an import.
 */
const INCLUDED = 'zod'

/**
 * Bundles the sources.
 *
 * @throws Error for anything that the bundler warns of
 */
export async function bundle(root: string, entries: readonly Entry[]): Promise<Files> {
  const includedFolder = join(root, 'node_modules', INCLUDED)
  const build = await rolldown({
    cwd: root,
    input: Object.fromEntries(entries.map(({ name, source }) => [name, source])),
    platform: 'neutral',
    // Paths in maps and comments stay inside the repository.
    resolve: { symlinks: false },
    external: (id) => !/^[./\0]/.test(id) && id !== INCLUDED,
    // "sideEffects" in package.json is for bundlers of applications: here, what a module does at import stays.
    treeshake: { moduleSideEffects: (id) => !id.startsWith(includedFolder) },
    // Otherwise some shared modules would be in entries that other entries then load.
    experimental: { chunkOptimization: false },
    onLog: (_level, log) => {
      throw new Error(log.message)
    },
  })
  try {
    const { output } = await build.generate({
      format: 'esm',
      entryFileNames: '[name].js',
      chunkFileNames: 'chunks/[name].js',
      codeSplitting: { groups: [{ name: INCLUDED, test: (id) => id.startsWith(includedFolder) }] },
      minifyInternalExports: false,
      // The others are in the sources, which the maps contain, and in the types.
      comments: { legal: true, annotation: true, jsdoc: false },
      banner: ({ name }) => (name === INCLUDED ? licenseOf(includedFolder) : ''),
      sourcemap: true,
    })
    return new Map(output.flatMap((file) => (file.type === 'chunk' ? filesOf(file) : [])))
  } finally {
    await build.close()
  }
}

/** A chunk and its map. The included package has its own sources, and entries without code have none. */
function filesOf({ fileName, name, code, map }: OutputChunk): readonly (readonly [string, string])[] {
  const text = withServerOnlyFirst(code.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n'))
  if (map === null || name === INCLUDED) return [[fileName, text]]
  const address = `${fileName.split('/').at(-1)}.map`
  return [
    [fileName, `${text}//# sourceMappingURL=${address}\n`],
    [`${fileName}.map`, map.toString()],
  ]
}

/** The bundler puts it behind the imports of chunks; in the source, nothing is before it. The lines below stay theirs. */
function withServerOnlyFirst(code: string): string {
  const statement = 'import "server-only";\n'
  return code.includes(`\n${statement}`) ? statement + code.replace(`\n${statement}`, '\n') : code
}

/** The name, version and license of a package as a comment that minifiers keep. */
function licenseOf(folder: string): string {
  const { name, version }: { readonly name: string; readonly version: string } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  )
  return `/*!\n${name} ${version}\n\n${readFileSync(join(folder, 'LICENSE'), 'utf8').trim()}\n*/`
}
