/** `npm run build:lib`: writes the package's code and types to dist/. */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { bundle } from './bundle.ts'
import { compile } from './compiled.ts'
import { entryOf, readEntries } from './entries.ts'

const root = join(import.meta.dirname, '../../..')
const dist = join(root, 'dist')
const styles = 'react/styles.css'

const entries = readEntries(root)
const { types, components, importedByComponents } = await compile(root, entries)
const bundled = await bundle(root, [
  ...entries.filter(({ name }) => !components.has(`${name}.js`)),
  ...importedByComponents.map((name) => entryOf(root, name)),
])

// Only now: a build that fails leaves what was there.
rmSync(dist, { recursive: true, force: true })
for (const [path, text] of [...types, ...components, ...bundled]) {
  mkdirSync(dirname(join(dist, path)), { recursive: true })
  writeFileSync(join(dist, path), text)
}
copyFileSync(join(root, 'lib', styles), join(dist, styles))
