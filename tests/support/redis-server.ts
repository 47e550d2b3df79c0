/** A real Redis of its own for a test: on a free loopback port, with a temporary folder, gone afterwards. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createClient } from 'redis'
import { atTheEnd } from './at-the-end.ts'
import { findFreePort } from './network/free-port.ts'
import { makeTemporaryFolder } from './temporary-folder.ts'

export interface RedisServer {
  readonly url: string
  readonly port: number
  /** What one command answers, sent on a connection of its own. */
  command(...args: readonly string[]): Promise<unknown>
  /** Ends it as a power cut would. */
  kill(): Promise<void>
  /** Starts it again on the same port, with what it had saved. */
  start(): Promise<void>
  /** Lets it fall silent without closing a connection, as a network that loses everything does. */
  freeze(): void
  /** Lets it go on. */
  thaw(): void
  /** Ends it and removes its folder. */
  stop(): Promise<void>
}

const READY_LIMIT_MS = 10_000
const running = new Set<ChildProcess>()
atTheEnd(() => {
  for (const child of running) child.kill('SIGKILL')
})
const isRoot = process.getuid?.() === 0

/**
 * A running Redis (or Valkey); installs Debian's when there is none and root may.
 *
 * @param args further configuration as on its command line, such as `--requirepass`, `secret`
 */
export async function startRedis(...args: readonly string[]): Promise<RedisServer> {
  const program = findRedis() ?? installRedis()
  const folder = makeTemporaryFolder('atproto-auth-redis')
  const port = await findFreePort()
  const url = `redis://127.0.0.1:${port}`
  let child: ChildProcess | undefined

  const kill = async () => {
    const killed = child
    child = undefined
    if (!killed) return
    running.delete(killed)
    if (killed.exitCode !== null || killed.signalCode !== null) return
    killed.kill('SIGKILL')
    await once(killed, 'exit')
  }
  const start = async () => {
    const settings = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder.path, '--save', '']
    child = spawn(program, [...settings, ...args], { stdio: 'ignore' })
    running.add(child)
    await untilListening(port, child)
  }
  await start()
  return {
    url,
    port,
    kill,
    start,
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    command: (...words) => sendCommand(port, words),
    async stop() {
      await kill()
      folder.remove()
    },
  }
}

async function sendCommand(port: number, words: readonly string[]): Promise<unknown> {
  const client = createClient({ socket: { host: '127.0.0.1', port, reconnectStrategy: false } })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await client.sendCommand([...words])
  } finally {
    client.destroy()
  }
}

async function untilListening(port: number, child: ChildProcess): Promise<void> {
  const endsAt = Date.now() + READY_LIMIT_MS
  for (;;) {
    try {
      // With a password it answers NOAUTH, which shows as well that it is there.
      await sendCommand(port, ['PING'])
      return
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('NOAUTH')) return
      if (child.exitCode !== null)
        throw new Error(`Redis ended at its start (${child.exitCode})`, { cause: error })
      if (Date.now() > endsAt) throw new Error('Redis did not start', { cause: error })
      await pause(20)
    }
  }
}

function findRedis(): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), '/usr/bin', '/usr/local/bin']
  const paths = ['redis-server', 'valkey-server'].flatMap((name) => folders.map((path) => join(path, name)))
  return paths.find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    // Absent or not ours to run: for the caller that is the same.
    return false
  }
}

function installRedis(): string {
  const advice = 'No redis-server was found. Install one, e.g. with:  apt-get install redis-server'
  if (!isRoot) throw new Error(advice)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  // Several test files may come to this at once: the later ones wait for the first.
  const wait = ['-o', 'DPkg::Lock::Timeout=120', '-qq', '-y']
  try {
    execFileSync('apt-get', [...wait, 'update'], { stdio: 'ignore', env })
    execFileSync('apt-get', [...wait, 'install', '--no-install-recommends', 'redis-server'], {
      stdio: 'ignore',
      env,
    })
  } catch (cause) {
    throw new Error(advice, { cause })
  }
  const program = findRedis()
  if (!program) throw new Error(advice)
  return program
}
