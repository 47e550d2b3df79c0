/**
 * `npm run conformance` writes docs/conformance.md from the results of the last test run; with `--check`, as in
 * `npm test`, it fails when the page says something else.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { changedLines } from './changed-lines.ts'
import { type Row, render } from './render.ts'
import { readRowTests } from './results.ts'

const page = join(import.meta.dirname, '../../docs/conformance.md')
const rows: readonly Row[] = JSON.parse(readFileSync(join(import.meta.dirname, 'rows.json'), 'utf8'))
const document = render(rows, readRowTests(new Set(rows.map(({ id }) => id))))

if (!process.argv.includes('--check')) {
  writeFileSync(page, document)
  console.log('docs/conformance.md is written.')
} else {
  const written = readFileSync(page, 'utf8')
  if (written === document) console.log('docs/conformance.md says what the tests show.')
  else {
    console.error(changedLines(written, document).join('\n'))
    console.error('docs/conformance.md is out of date. Run npm run conformance and look at what changed.')
    process.exitCode = 1
  }
}
