#!/usr/bin/env node
/** The command line of the package. */
import { createInterface } from 'node:readline/promises'
import { runCommandLine } from './command-line.ts'

async function ask(question: string): Promise<string> {
  const reader = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return await reader.question(question)
  } finally {
    reader.close()
  }
}

process.exitCode = await runCommandLine(process.argv.slice(2), {
  folder: process.cwd(),
  env: process.env,
  isInteractive: process.stdin.isTTY === true && process.stdout.isTTY === true,
  print: (text) => process.stdout.write(`${text}\n`),
  complain: (text) => process.stderr.write(`${text}\n`),
  ask,
})
