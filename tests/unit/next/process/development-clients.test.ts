import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createConfigLoader } from '../../../../lib/next/config/load-config.ts'
import { rememberClient } from '../../../../lib/next/process/development-clients.ts'
import { recordLog } from '../../../support/record-log.ts'

const PUBLIC_URL = 'http://127.0.0.1:3000'
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'atproto-scope-'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

const idWith = (scope: string) =>
  `http://localhost?${new URLSearchParams({ scope, redirect_uri: `${PUBLIC_URL}/oauth/callback` })}`

describe('rememberClient', () => {
  const remember = (scope: string, publicUrl = PUBLIC_URL) =>
    rememberClient(folder, { publicUrl, clientId: idWith(scope) })
  const nothing = { formerIds: [], hasChanged: false }

  it('names the clients with another scope, and says once that it has changed', async () => {
    expect(await remember('atproto')).toEqual(nothing)
    expect(await remember('atproto')).toEqual(nothing)
    expect(await remember('atproto blob:*/*')).toEqual({ formerIds: [idWith('atproto')], hasChanged: true })
    expect(await remember('atproto blob:*/*')).toEqual({ formerIds: [idWith('atproto')], hasChanged: false })
    expect(await remember('atproto')).toEqual({ formerIds: [idWith('atproto blob:*/*')], hasChanged: true })
  })

  it('remembers the clients of each address', async () => {
    await remember('atproto')
    expect(await remember('atproto blob:*/*', 'http://127.0.0.1:3001')).toEqual(nothing)
    expect(await remember('atproto')).toEqual(nothing)
  })

  it('remembers five', async () => {
    for (const n of [1, 2, 3, 4, 5, 6, 7]) await remember(`atproto x${n}`)
    expect((await remember('atproto x7')).formerIds).toEqual([6, 5, 4, 3].map((n) => idWith(`atproto x${n}`)))
  })

  it('does not take another path of the callback for another scope', async () => {
    await remember('atproto')
    const clientId = idWith('atproto').replace('oauth', 'auth')
    expect(await rememberClient(folder, { publicUrl: PUBLIC_URL, clientId })).toEqual(nothing)
  })

  it.each([
    '',
    '{"http',
    '[]',
    'null',
    '{"http://127.0.0.1:3000":7}',
    '{"http://127.0.0.1:3000":"atproto"}',
    '{"http://127.0.0.1:3000":["https://app.example.com/oauth-client-metadata.json"]}',
    '{"http://127.0.0.1:3000":[null]}',
  ])('begins again with the file %j', async (text) => {
    writeFileSync(join(folder, 'development-scopes.json'), text)
    expect(await remember('atproto')).toEqual(nothing)
    expect(await remember('atproto x')).toMatchObject({ hasChanged: true })
  })

  it('does without a folder that cannot be written to', async () => {
    const client = { publicUrl: PUBLIC_URL, clientId: idWith('atproto') }
    expect(await rememberClient(join(folder, 'missing'), client)).toEqual(nothing)
  })
})

describe('the configuration', () => {
  const load = (scope: string) => createConfigLoader({ scope })()

  it('warns of another scope in development', async () => {
    vi.stubEnv('NODE_ENV', 'development')
    vi.stubEnv('ATPROTO_DATA_DIR', folder)
    const lines = recordLog()
    await load('atproto')
    await load('atproto repo:app.bsky.feed.post')
    expect(lines.join('\n')).toContain('The scope changed to "atproto repo:app.bsky.feed.post", which')
  })

  it('does not in production, where the client stays the same', async () => {
    vi.stubEnv('NODE_ENV', 'production')
    vi.stubEnv('PUBLIC_URL', PUBLIC_URL)
    vi.stubEnv('ATPROTO_DATA_DIR', folder)
    await load('atproto')
    expect(readdirSync(folder)).not.toContain('development-scopes.json')
  })
})
