/** The files of the package that others name: the targets of `exports` and `bin` in package.json. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A file of the package without its suffix, such as `oauth/index`, and its source. */
export interface Entry {
  readonly name: string
  readonly source: string
}

interface Manifest {
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly bin: Readonly<Record<string, string>>
}

/**
 * Returns the entries that have code, in the order of package.json: `dist/oauth/index.js` is `oauth/index`, from
 * `lib/oauth/index.ts`.
 *
 * @throws TypeError when a target has no source
 */
export function readEntries(root: string): readonly Entry[] {
  const { exports, bin }: Manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const targets = [...Object.values(exports), bin].flatMap((target) =>
    typeof target === 'string' ? [target] : Object.values(target),
  )
  const names = targets.flatMap((target) => /^\.\/dist\/(.+)(?<!\.d)\.(?:js|ts)$/.exec(target)?.[1] ?? [])
  return [...new Set(names)].map((name) => entryOf(root, name))
}

/** The entry of one file of the package, such as `web/sign-in-error`. */
export function entryOf(root: string, name: string): Entry {
  const source = join(root, 'lib', `${name}.ts`)
  if (!existsSync(source)) throw new TypeError(`dist/${name}.js has no source: ${source} is not there.`)
  return { name, source }
}
