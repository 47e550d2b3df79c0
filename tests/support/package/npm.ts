/** Programs that the tests of the package run, with nothing of this project's own environment. */
import { execFile } from 'node:child_process'
import { dirname } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What a machine needs to reach a registry: proxies, authorities, npm's own settings. */
const surroundings =
  /^(HOME|TMPDIR|LANG|(https?|no)_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR)|npm_config_(cache|registry|cafile|userconfig|(https?_?|no)proxy))$/i

/** What a shell of a new user would have, with this same Node.js first. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => surroundings.test(name))),
    PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
    // Next.js declares it as one of three words.
    NODE_ENV: 'production',
    NEXT_TELEMETRY_DISABLED: '1',
    // Next 15 would ask the registry about packages of other systems that npm left out of the lock file.
    NEXT_IGNORE_INCORRECT_LOCKFILE: '1',
  }
}

/**
 * Runs a program in a folder; what it printed on the standard output.
 *
 * @throws Error with all that it printed when it fails
 */
export async function runIn(folder: string, program: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await run(program, [...args], {
      cwd: folder,
      env: plainEnvironment(),
      maxBuffer: 2 ** 24,
    })
    return stdout
  } catch (error) {
    if (!(error instanceof Error && 'stdout' in error && 'stderr' in error)) throw error
    throw new Error(`${program} ${args.join(' ')} failed:\n${error.stdout}\n${error.stderr}`, {
      cause: error,
    })
  }
}

/** Runs npm, quietly and from its cache where that is enough. */
export function npm(args: readonly string[], folder: string): Promise<string> {
  const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error']
  return runIn(folder, 'npm', [...args, ...quiet, '--include=dev'])
}
