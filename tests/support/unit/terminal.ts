/** A terminal without a screen, in a folder of its own. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { runCommandLine } from '../../../lib/cli/command-line.ts'
import type { Terminal } from '../../../lib/cli/terminal/command.ts'

/** Files by path. */
export type Files = Readonly<Record<string, string>>

export interface TestTerminal extends Terminal {
  /** The text on standard output so far. */
  printed(): string
  /** The text on standard error so far. */
  printedErrors(): string
  /** The text of a file in the folder. */
  read(path: string): string
  /** Runs a command line here; its exit code. */
  run(...args: readonly string[]): Promise<number>
}

export interface TerminalOptions {
  readonly files?: Files
  readonly env?: Readonly<Record<string, string>>
  /** What somebody answers, one question after another; without it nobody is there. */
  readonly answers?: readonly string[]
}

/** The terminal; its folder is gone after the test. */
export function createTerminal({ files = {}, env = {}, answers }: TerminalOptions = {}): TestTerminal {
  const folder = mkdtempSync(join(tmpdir(), 'atproto-cli-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const output = { printed: '', errors: '' }
  const left = [...(answers ?? [])]
  const terminal: TestTerminal = {
    folder,
    env,
    isInteractive: answers !== undefined,
    print: (text) => {
      output.printed += `${text}\n`
    },
    printError: (text) => {
      output.errors += `${text}\n`
    },
    ask: async (question) => {
      output.printed += `${question}\n`
      return left.shift() ?? ''
    },
    printed: () => output.printed,
    printedErrors: () => output.errors,
    read: (path) => readFileSync(join(folder, path), 'utf8'),
    run: (...args) => runCommandLine(args, terminal),
  }
  return terminal
}

/** An application as create-next-app leaves it. */
export const newApp: Files = {
  'package.json': JSON.stringify({
    name: 'my-blog',
    dependencies: { next: '16.4.6', 'next-atproto-auth': '0.1.0' },
  }),
  'tsconfig.json': '{}',
  'app/page.tsx': '',
  '.gitignore': 'node_modules\n.env*\n',
  'next.config.ts': `import type { NextConfig } from "next";

const nextConfig: NextConfig = {
  /* config options here */
};

export default nextConfig;
`,
}
