/**
 * Makes the fixtures of stored data, with a version of the library that `tools/bundle-version.ts` has bundled:
 *
 *   node tools/seal-fixtures.ts tests/fixtures/version-0.1.0/library.mjs tests/fixtures/sealed-0.1.0
 *
 * The data comes from real sign-ins at the scripted authorization server of tests/protocol. The secret and keys are
 * those of tests/protocol/rollback/keys.ts.
 */

// Before anything of Next: what it needs of its server is made here.
import 'next/dist/server/node-environment-baseline.js'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Library } from '../tests/protocol/rollback/library.ts'
import { writeApplication } from '../tests/protocol/rollback/write-application.ts'
import { writeCommandLine } from '../tests/protocol/rollback/write-command-line.ts'
import { writeCustomStores } from '../tests/protocol/rollback/write-custom-stores.ts'
import { CONFIDENTIAL, LOOPBACK } from '../tests/protocol/rollback/written.ts'

async function seal(module: string, folder: string): Promise<void> {
  const library: Library = await import(resolve(module))
  const fixtures = {
    confidential: await writeApplication(library, CONFIDENTIAL),
    loopback: await writeApplication(library, LOOPBACK),
    'custom-stores-confidential': await writeCustomStores(library, CONFIDENTIAL),
    'custom-stores-loopback': await writeCustomStores(library, LOOPBACK),
    'command-line': await writeCommandLine(library),
  }
  mkdirSync(folder, { recursive: true })
  for (const [name, written] of Object.entries(fixtures))
    writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(written, null, 2)}\n`)
}

const [module, folder] = process.argv.slice(2)
if (module === undefined || folder === undefined) {
  console.error('Usage: node tools/seal-fixtures.ts <module> <folder>')
  process.exitCode = 2
} else {
  await seal(module, folder)
}
