/** Lets the command line of a version sign people in, in a new folder. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { alice, bob, type Person } from '../../support/protocol/scripted-network.ts'
import { readDatabase } from './database.ts'
import { SECRET } from './keys.ts'
import type { Library } from './library.ts'
import { carol, dan, SCOPE, startWritingNetwork, type WritingNetwork } from './write-client.ts'
import type { WrittenCommandLine } from './written.ts'

/** Runs commands without a person at the terminal. */
export interface Shell {
  readonly folder: string
  /** Runs a command to its end. */
  run(...args: readonly string[]): Promise<Ended>
}

interface Ended {
  readonly code: number
  readonly printed: string
  readonly errors: string
}

/** @param folder the current one; the data folder is in it */
export function createShell(library: Library, folder: string): Shell {
  return {
    folder,
    async run(...args) {
      const [printed, errors]: [string[], string[]] = [[], []]
      const printError = (text: string) => void errors.push(text)
      const terminal = {
        folder,
        env: { ATPROTO_SECRET: SECRET },
        isInteractive: false,
        print: (text: string) => void printed.push(text),
        printError,
        // The name of the function in 0.1.0.
        complain: printError,
        ask: async () => '',
      }
      const code = await library.runCommandLine(args, terminal)
      return { code, printed: printed.join('\n'), errors: errors.join('\n') }
    },
  }
}

/** The store's file in the default data folder. */
export function databaseIn({ folder }: Pick<Shell, 'folder'>): string {
  return join(folder, '.atproto-auth', 'sessions.sqlite')
}

/** Alice, bob and carol sign in: bob prints his secrets, and carol's handle leads nowhere. Dan is about to. */
export async function writeCommandLine(library: Library): Promise<WrittenCommandLine> {
  await using network = await startWritingNetwork()
  const shell = createShell(library, mkdtempSync(join(tmpdir(), 'atproto-written-')))
  try {
    await signIn(shell, alice, network)
    network.bareHome.as.restore('/oauth/token')
    await signIn(shell, bob, network, '--env')
    await signIn(shell, carol, network)
    const page = await beginSignIn(shell, dan, network)
    return {
      writtenAt: Date.now(),
      secret: SECRET,
      addresses: network.addresses,
      database: readDatabase(databaseIn(shell)),
      refusal: network.home.as.fail(page, 'access_denied').href,
    }
  } finally {
    rmSync(shell.folder, { recursive: true })
  }
}

/** Runs the first phase of a sign-in; the URL that it prints. */
export async function beginSignIn(
  shell: Shell,
  { handle }: Person,
  { addresses }: WritingNetwork,
): Promise<URL> {
  const { plc, resolver } = addresses
  const network = ['--allow-http', '--plc-directory', plc, '--handle-resolver', resolver]
  const { printed } = await shell.run('login', handle, '--two-phase', '--scope', SCOPE, ...network)
  return new URL(printed)
}

async function signIn(
  shell: Shell,
  person: Person,
  network: WritingNetwork,
  ...flags: readonly string[]
): Promise<void> {
  const page = await beginSignIn(shell, person, network)
  const { as } = person === bob ? network.bareHome : network.home
  if (person === carol) network.resolver.answer('*', { status: 400, json: { error: 'InvalidRequest' } })
  const { code, printed } = await shell.run('complete', as.approve(page, person.did).href, ...flags)
  network.resolver.restore('*')
  if (code !== 0) throw new Error(`The sign-in failed with exit code ${code}: ${printed}`)
}
