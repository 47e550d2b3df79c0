/** Builds and runs the reference app in production mode; shared by `npm run demo` and the browser tests. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ProcessGroup, startProcessGroup } from './process-group.ts'

export interface AppFolderOptions {
  /** Default: this repository; another folder finds its Next.js as its own modules do. */
  readonly folder?: string
  /** Build folder, told to next.config.ts as NEXT_DIST_DIR. Default: what the app's config says. */
  readonly distDir?: string
}

export interface BuildOptions extends AppFolderOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Ends the build early; `buildApp` then throws the signal's reason. */
  readonly signal?: AbortSignal
}

export interface StartOptions extends AppFolderOptions {
  /** A free port; `findFreePort()` finds one. */
  readonly port: number
  readonly env?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** Called with what the app prints, as it comes. */
  readonly onOutput?: (text: string) => void
}

export interface AppServer extends AsyncDisposable {
  readonly url: string
  /** What the app printed so far, stdout and stderr together. */
  output(): string
  /** Settles with the exit code when the app ends, by itself or by `stop()`. */
  readonly exited: Promise<number | null>
  stop(): Promise<void>
}

/** The app could not be built or did not start; `output` is what it printed. */
export class AppFailedError extends Error {
  readonly output: string

  constructor(message: string, output: string) {
    super(message)
    this.name = 'AppFailedError'
    this.output = output
  }
}

const root = join(import.meta.dirname, '../../..')
const startTimeoutMs = 60_000

/**
 * Runs `next build`, silently.
 *
 * @throws AppFailedError with the build's output when it fails
 */
export async function buildApp({ signal, ...options }: BuildOptions = {}): Promise<void> {
  signal?.throwIfAborted()
  const build = startNext(['build'], options)
  const code = await endWith(build, signal)
  signal?.throwIfAborted()
  if (code !== 0) throw new AppFailedError(`next build failed (exit code ${code}).`, build.output())
}

/**
 * Runs `next start` on 127.0.0.1 and returns once it answers a request, be it with an error page.
 *
 * @throws AppFailedError when it ends early or does not answer within a minute
 */
export async function startApp({ port, signal, ...options }: StartOptions): Promise<AppServer> {
  signal?.throwIfAborted()
  const app = startNext(['start', '-H', '127.0.0.1', '-p', String(port)], options)
  const url = `http://127.0.0.1:${port}`
  try {
    await waitUntilAnswers(url, app, signal)
  } catch (error) {
    await app.stop()
    throw error
  }
  return { ...app, url, [Symbol.asyncDispose]: app.stop }
}

interface NextOptions extends AppFolderOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly onOutput?: (text: string) => void
}

function startNext(
  args: readonly string[],
  { folder = root, distDir, env, onOutput }: NextOptions,
): ProcessGroup {
  return startProcessGroup({
    onOutput,
    // As the application itself would find it: here, or in a folder above.
    args: [createRequire(join(folder, 'package.json')).resolve('next/dist/bin/next'), ...args],
    cwd: folder,
    env: {
      ...inheritedEnvironment(),
      ...(distDir === undefined ? {} : { NEXT_DIST_DIR: distDir }),
      ...env,
      NODE_ENV: 'production',
      NEXT_TELEMETRY_DISABLED: '1',
    },
  })
}

/** Leaves out what configures the app: a variable of the developer's own shell must not decide a test. */
function inheritedEnvironment(): Record<string, string | undefined> {
  const configuring =
    /^(ATPROTO_|KV_|UPSTASH_|VERCEL|REDIS_URL$|PUBLIC_URL$|DEMO_NETWORK$|APPVIEW$|PORT$|NEXT_|__NEXT)/
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !configuring.test(name)))
}

async function endWith(group: ProcessGroup, signal: AbortSignal | undefined): Promise<number | null> {
  const onAbort = () => void group.stop()
  signal?.addEventListener('abort', onAbort, { once: true })
  const code = await group.exited
  signal?.removeEventListener('abort', onAbort)
  return code
}

async function waitUntilAnswers(
  url: string,
  app: ProcessGroup,
  signal: AbortSignal | undefined,
): Promise<void> {
  const deadline = Date.now() + startTimeoutMs
  let hasEnded = false
  void app.exited.then(() => {
    hasEnded = true
  })
  while (!(await answers(url))) {
    signal?.throwIfAborted()
    if (hasEnded) throw new AppFailedError(`The app ended before it answered at ${url}.`, app.output())
    if (Date.now() > deadline)
      throw new AppFailedError(`The app did not answer at ${url} in time.`, app.output())
    await sleep(100)
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(10_000) })
    await response.body?.cancel()
    return true
  } catch {
    // Refused or too slow: it is not up yet.
    return false
  }
}
