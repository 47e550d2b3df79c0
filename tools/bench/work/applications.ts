/** Builds and starts the applications of the benchmark: one with this library, one with iron-session alone. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { cp, readFile, rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { sealData } from 'iron-session'
import type { Store } from 'next-atproto-auth/oauth'
import { signedInCookie, type TestNetwork, testDid } from 'next-atproto-auth/testing'
import { buildApp } from '../../../tests/support/network/app-server.ts'
import { root, workFolder } from '../install.ts'

export type ApplicationName = 'ours' | 'iron'

export const DID = testDid('alice.test')
const SECRET = randomBytes(32).toString('base64url')

/** What the visitor sends, and what the application is told. */
export interface Visit {
  readonly cookie: string
  readonly env: Readonly<Record<string, string>>
}

const built = new Map<ApplicationName, Promise<string>>()

/** Returns the folder of the built application, which is built once in a run. */
export function buildApplication(name: ApplicationName): Promise<string> {
  const folder = built.get(name) ?? build(name)
  built.set(name, folder)
  return folder
}

async function build(name: ApplicationName): Promise<string> {
  const folder = join(workFolder, 'apps', name)
  await rm(folder, { recursive: true, force: true })
  for (const part of ['shared', name])
    await cp(join(import.meta.dirname, '../app', part), folder, { recursive: true })
  await buildApp({ folder })
  return folder
}

/** The program of a built application that a host starts: Next.js has copied what it needs beside it. */
export function standaloneServer(folder: string): string {
  return join(folder, '.next/standalone', relative(root, folder), 'server.js')
}

export interface VisitOptions {
  readonly port: number
  readonly network: TestNetwork
  readonly store: Store
  /** Tells the application which store that is. */
  readonly env: Readonly<Record<string, string>>
}

/** Signs alice in at the application with this library. */
export async function visitOurs({ port, network, store, env }: VisitOptions): Promise<Visit> {
  const publicUrl = `http://127.0.0.1:${port}`
  const { header } = await signedInCookie({ publicUrl, network, store, secret: SECRET, did: DID })
  const settings = { PUBLIC_URL: publicUrl, ATPROTO_SECRET: SECRET, TEST_NETWORK: network.origin }
  return { cookie: header, env: { ...settings, ...env } }
}

/** Signs alice in at the application with iron-session alone. */
export async function visitIron(): Promise<Visit> {
  const seal = await sealData({ did: DID }, { password: SECRET })
  return { cookie: `visitor=${seal}`, env: { IRON_PASSWORD: SECRET } }
}

export interface Standalone {
  /** What it wrote to its error output. */
  errors(): string
  /** CPU (user and system) of the process so far, in milliseconds; undefined where the system does not say. */
  cpuMs(): Promise<number | undefined>
  stop(): Promise<void>
}

/** Starts the standalone server, and does not wait for it. */
export function startStandalone(folder: string, port: number, env: Visit['env']): Standalone {
  const { NODE_COMPILE_CACHE: _, ...inherited } = process.env
  const child = spawn(process.execPath, [standaloneServer(folder)], {
    env: { ...inherited, ...env, NODE_ENV: 'production', HOSTNAME: '127.0.0.1', PORT: String(port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  return {
    errors: () => errors,
    async cpuMs() {
      const text = await readFile(`/proc/${child.pid}/stat`, 'utf8').catch(() => undefined)
      // proc_pid_stat(5): utime and stime, in hundredths of a second, after the name in parentheses.
      const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ')
      return fields && (Number(fields[11]) + Number(fields[12])) * 10
    },
    async stop() {
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
  }
}
