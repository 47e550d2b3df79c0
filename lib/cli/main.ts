#!/usr/bin/env node
/** The command line of the package. */
import { createInterface } from 'node:readline/promises'
import { CancelledError } from './terminal/command.ts'

/** On the error output: the result may be piped. */
async function ask(question: string): Promise<string> {
  const reader = createInterface({ input: process.stdin, output: process.stderr })
  const closed = new Promise<undefined>((resolve) => reader.once('close', () => resolve(undefined)))
  // Ctrl-C and Ctrl-D: newer releases of Node.js reject, older ones just close.
  const answered = reader.question(question).catch(() => undefined)
  const answer = await Promise.race([answered, closed])
  reader.close()
  if (answer === undefined) throw new CancelledError()
  return answer
}

/**
 * Node.js 22 calls its SQLite experimental at every start. Whoever runs a command can do nothing about that; any other
 * warning is theirs to see.
 */
function hideSqliteWarning(): void {
  const printers = process.listeners('warning')
  process.removeAllListeners('warning')
  process.on('warning', (warning) => {
    if (warning.name === 'ExperimentalWarning' && warning.message.startsWith('SQLite ')) return
    for (const print of printers) print(warning)
  })
}

hideSqliteWarning()
// Only now: Node.js warns while it loads what a file imports, before it runs it.
const { runCommandLine } = await import('./command-line.ts')

// Whoever reads the result, such as `head`, may have enough of it.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

process.exitCode = await runCommandLine(process.argv.slice(2), {
  folder: process.cwd(),
  env: process.env,
  isInteractive: process.stdin.isTTY === true && process.stdout.isTTY === true,
  print: (text) => process.stdout.write(`${text}\n`),
  complain: (text) => process.stderr.write(`${text}\n`),
  ask,
})
