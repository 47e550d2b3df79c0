/** What an application in production is told when it chooses no store: where its sessions are, and who deletes them. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { generatePrivateJwk } from '../../../../lib/crypto/keyset.ts'
import { createConfigLoader } from '../../../../lib/next/config/load-config.ts'
import type { AtprotoAuthOptions } from '../../../../lib/next/config/options.ts'
import { sharedState } from '../../../../lib/next/process/shared-state.ts'
import { createMemoryStore } from '../../../../lib/store/memory.ts'
import { refusalOf } from '../../../support/refusal.ts'

const SECRET = 'Zk4vTq9-mXc2_bRw7.LpYd8~HsJ3+fGn6'
const production = {
  publicUrl: 'https://app.host.dev',
  secret: SECRET,
  clientKeys: await generatePrivateJwk(),
}
const loopback = { publicUrl: 'http://127.0.0.1:3000', secret: SECRET }

beforeEach(() => {
  // The library's lines of one process: each test is one.
  sharedState().logged.clear()
  for (const name of ['ATPROTO_DATA_DIR', 'DATABASE_URL', 'POSTGRES_URL', 'REDIS_URL']) vi.stubEnv(name, '')
  vi.stubEnv('NODE_ENV', 'production')
  onTestFinished(() => {
    vi.unstubAllEnvs()
  })
})

/** Runs the process in a folder of a new application. */
async function workIn(folder: string): Promise<string> {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'atproto-app-')))
  const path = join(base, folder)
  await mkdir(path, { recursive: true })
  const spy = vi.spyOn(process, 'cwd').mockReturnValue(path)
  onTestFinished(() => {
    spy.mockRestore()
    rmSync(base, { recursive: true })
  })
  return path
}

async function linesOf(options: AtprotoAuthOptions, times = 1): Promise<readonly string[]> {
  const lines: string[] = []
  const logger = {
    warn: (line: string) => void lines.push(line),
    error: (line: string) => void lines.push(line),
  }
  for (let run = 0; run < times; run += 1) await createConfigLoader({ logger, ...options })()
  return lines
}

describe('the default file, in production', () => {
  it('is named in the log once, with how to choose another place or store', async () => {
    const folder = await workIn('app')
    expect(await linesOf(production, 3)).toEqual([
      `Sessions are stored in ${folder}/.atproto-auth/sessions.sqlite, because no store is set. Set ATPROTO_DATA_DIR to a folder on a persistent disk, REDIS_URL, ATPROTO_DATABASE_URL, or the option store.`,
    ])
  })

  it.each([
    ['DATABASE_URL', { DATABASE_URL: 'postgres://user:canary@h/db' }, 'DATABASE_URL is set, but'],
    ['POSTGRES_URL', { POSTGRES_URL: 'postgres://user:canary@h/db' }, 'POSTGRES_URL is set, but'],
  ])('says that %s, of the application, is not used by itself', async (_name, env, words) => {
    await workIn('app')
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
    const [line = ''] = await linesOf(production)
    expect(line).toContain(words)
    expect(line).toMatch(/set ATPROTO_DATABASE_URL, or pass createPostgresStore\(\)\.$/)
    expect(line).not.toContain('canary')
  })

  it.each([
    ['a folder is chosen', { ATPROTO_DATA_DIR: '/var/lib/app' }, {}],
    ['another store is chosen', { REDIS_URL: 'redis://127.0.0.1:1' }, {}],
    ['a store is passed', {}, { store: createMemoryStore() }],
    ['it is development', { NODE_ENV: 'development' }, {}],
  ])('is not mentioned when %s', async (_when, env, options) => {
    await workIn('app')
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
    expect(await linesOf({ ...production, ...options })).toEqual([])
  })

  it('is not mentioned when a build is tried on the developer’s machine, with sessions that may be lost', async () => {
    await workIn('app')
    expect(await linesOf(loopback)).toEqual([
      expect.stringMatching(/^PUBLIC_URL is an address of this machine/),
    ])
  })
})

describe('a file in the output of the build', () => {
  it('is refused in production: the next build deletes it', async () => {
    const folder = await workIn('app/.next/standalone')
    vi.stubEnv('DATABASE_URL', 'postgres://user:canary@h/db')
    const error = await refusalOf(createConfigLoader({ logger: silent, ...production })())
    const { message } = error
    expect(error).toMatchObject({ code: 'configuration' })
    expect(message).toContain(`Sessions would be stored in ${folder}/.atproto-auth/sessions.sqlite`)
    expect(message).toContain('DATABASE_URL is set, but')
    expect(message).not.toContain('canary')
  })

  it('is a warning where a build is tried on the developer’s machine', async () => {
    const folder = await workIn('app/.next/standalone/apps/web')
    expect(await linesOf(loopback)).toContain(
      `Sessions are stored in ${folder}/.atproto-auth/sessions.sqlite, which the next build deletes: all users are then signed out. Set ATPROTO_DATA_DIR to the absolute path of a folder outside .next.`,
    )
  })

  it('is a warning where that folder was chosen, perhaps by a relative path', async () => {
    const folder = await workIn('app/.next/standalone')
    vi.stubEnv('ATPROTO_DATA_DIR', './data')
    expect(await linesOf(production)).toEqual([
      expect.stringContaining(
        `Sessions are stored in ${folder}/data/sessions.sqlite, which the next build deletes`,
      ),
    ])
  })

  it.each(['app/.nextcloud', 'app/next', 'app.next'])('is not one in %s', async (folder) => {
    await workIn(folder)
    expect(await linesOf(production)).toEqual([expect.stringContaining('because no store is set')])
  })
})

const silent = { warn() {}, error() {} }
