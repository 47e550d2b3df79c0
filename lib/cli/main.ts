#!/usr/bin/env node
/** The executable of the package: connects the command line to this process. */
import { createInterface } from 'node:readline/promises'
import { problemOfNode } from '../config/node-version.ts'
import { CancelledError } from './terminal/command.ts'

/** Asks on standard error, because standard output may be piped. */
async function ask(question: string): Promise<string> {
  const reader = createInterface({ input: process.stdin, output: process.stderr })
  const closed = new Promise<undefined>((resolve) => reader.once('close', () => resolve(undefined)))
  // On Ctrl-C and Ctrl-D, newer releases of Node.js reject; older ones only close.
  const answered = reader.question(question).catch(() => undefined)
  const answer = await Promise.race([answered, closed])
  reader.close()
  if (answer === undefined) throw new CancelledError()
  return answer
}

/**
 * Hides the warning of Node.js 22 that SQLite is experimental, which users cannot act on. Other warnings are printed.
 */
function hideSqliteWarning(): void {
  const printers = process.listeners('warning')
  process.removeAllListeners('warning')
  process.on('warning', (warning) => {
    if (warning.name === 'ExperimentalWarning' && warning.message.startsWith('SQLite ')) return
    for (const print of printers) print(warning)
  })
}

// Before anything is imported that an old Node.js does not have.
const problem = problemOfNode()
if (problem !== undefined) {
  process.stderr.write(`${problem}\n`)
  process.exit(1)
}

hideSqliteWarning()
// Imported after that, because Node.js warns while it loads the imports of a file, before it runs the file.
const { runCommandLine } = await import('./command-line.ts')

// The reader of a pipe, such as `head`, may close it early.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

process.exitCode = await runCommandLine(process.argv.slice(2), {
  folder: process.cwd(),
  env: process.env,
  isInteractive: process.stdin.isTTY === true && process.stdout.isTTY === true,
  print: (text) => process.stdout.write(`${text}\n`),
  printError: (text) => process.stderr.write(`${text}\n`),
  ask,
})
