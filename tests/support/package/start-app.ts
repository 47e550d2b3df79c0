/** Runs a bare application that was built, as its host would. */
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { closeServer, listenOnLoopback, PortTakenError } from '../network/loopback-server.ts'
import { type ProcessGroup, startProcessGroup } from '../network/process-group.ts'
import type { Image } from './dockerfile.ts'
import type { BareApp } from './matrix.ts'
import { plainEnvironment } from './npm.ts'

const START_LIMIT_MS = 60_000

export interface Started extends AsyncDisposable {
  readonly url: string
  output(): string
}

interface Settings {
  readonly port: number
  readonly env: Readonly<Record<string, string>>
}

/**
 * Starts it on 127.0.0.1 and returns once it answers.
 *
 * @throws Error with what it printed when it does not
 */
export async function startApp(app: BareApp, folder: string, settings: Settings): Promise<Started> {
  const next = join(folder, 'node_modules/next/dist/bin/next')
  const args =
    app.output === 'standalone'
      ? [await standaloneServer(folder)]
      : [next, 'start', '-H', '127.0.0.1', '-p', String(settings.port)]
  return startAnd(args, folder, settings)
}

/** The same for `next dev`, as `npm run dev` has it: on every interface of the machine. */
export function startDev(folder: string, { port, env }: Settings): Promise<Started> {
  const args = [join(folder, 'node_modules/next/dist/bin/next'), 'dev']
  return startAnd(args, folder, { port, env: { ...env, NODE_ENV: 'development' } })
}

/** The same for an image that was built by `followDockerfile`. */
export function startImage(image: Image, { port, env }: Settings): Promise<Started> {
  const [program, ...args] = image.command
  if (program !== 'node') throw new Error(`${program} is not what this test starts.`)
  // In a container the server is alone; here it is on a machine with others.
  const environment = { ...image.environment, ...env }
  const become = `process.setgid(${image.userId});process.setuid(${image.userId})`
  const flags = image.userId === undefined ? [] : ['--import', `data:text/javascript,${become}`]
  return startAnd([...flags, ...args], image.folder, { port, env: environment })
}

async function startAnd(args: readonly string[], cwd: string, { port, env }: Settings): Promise<Started> {
  const here = { PORT: String(port), HOSTNAME: '127.0.0.1' }
  const group = startProcessGroup({ args, cwd, env: { ...plainEnvironment(), ...env, ...here } })
  const url = `http://127.0.0.1:${port}`
  try {
    await waitUntilAnswers(url, group)
  } catch (error) {
    await group.stop()
    throw error
  }
  return { url, output: group.output, [Symbol.asyncDispose]: group.stop }
}

/** Visits an application and ends it; a failure says what it printed. */
export async function running(
  starting: Promise<Started>,
  visit: (server: Started) => Promise<void>,
): Promise<void> {
  await using server = await starting
  await visiting(server, visit)
}

/** The same with an application that others visit afterwards. */
export async function visiting(server: Started, visit: (server: Started) => Promise<void>): Promise<void> {
  try {
    await visit(server)
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${server.output()}`, { cause: error })
  }
}

/**
 * A port that is free, and stays so between two applications: below those that systems give to outgoing connections.
 *
 * @param count how many ports from this one on have to be free
 */
export async function findQuietPort(count = 1): Promise<number> {
  for (;;) {
    const first = 20_000 + Math.floor(Math.random() * 10_000)
    try {
      for (let port = first; port < first + count; port += 1) {
        await closeServer(await listenOnLoopback(port))
      }
      return first
    } catch (error) {
      if (!(error instanceof PortTakenError)) throw error
    }
  }
}

/** As Next.js documents it: what browsers load is copied beside the server. */
async function standaloneServer(folder: string): Promise<string> {
  const standalone = join(folder, '.next/standalone')
  await cp(join(folder, '.next/static'), join(standalone, '.next/static'), { recursive: true })
  await cp(join(folder, 'public'), join(standalone, 'public'), { recursive: true })
  await cp(join(folder, '.env.local'), join(standalone, '.env.local'))
  return join(standalone, 'server.js')
}

async function waitUntilAnswers(url: string, group: ProcessGroup): Promise<void> {
  let hasEnded = false
  void group.exited.then(() => {
    hasEnded = true
  })
  const deadline = Date.now() + START_LIMIT_MS
  while (!hasEnded && Date.now() < deadline) {
    try {
      await (await fetch(url, { signal: AbortSignal.timeout(10_000) })).text()
      return
    } catch {
      // Not up yet.
      await sleep(100)
    }
  }
  throw new Error(`The application does not answer at ${url}:\n${group.output()}`)
}
