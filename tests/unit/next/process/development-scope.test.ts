import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createConfigLoader } from '../../../../lib/next/config/load-config.ts'
import { warningAboutScope } from '../../../../lib/next/process/development-scope.ts'
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

describe('warningAboutScope', () => {
  const warn = (scope: string, publicUrl = PUBLIC_URL) => warningAboutScope(folder, { publicUrl, scope })

  it('says once that another scope is another client', async () => {
    expect(await warn('atproto')).toBeUndefined()
    expect(await warn('atproto')).toBeUndefined()
    expect(await warn('atproto blob:*/*')).toBe(
      'The scope changed to "atproto blob:*/*", which makes another client in development: everybody has to sign in again.',
    )
    expect(await warn('atproto blob:*/*')).toBeUndefined()
  })

  it('remembers the scope of each address', async () => {
    await warn('atproto')
    expect(await warn('atproto blob:*/*', 'http://127.0.0.1:3001')).toBeUndefined()
    expect(await warn('atproto')).toBeUndefined()
  })

  it.each(['', '{"http', '[]', 'null', '{"http://127.0.0.1:3000":7}'])(
    'begins again with the file %j',
    async (text) => {
      writeFileSync(join(folder, 'development-scopes.json'), text)
      expect(await warn('atproto')).toBeUndefined()
      expect(await warn('atproto x')).toContain('everybody has to sign in again')
    },
  )

  it('does without a folder that cannot be written to', async () => {
    expect(
      await warningAboutScope(join(folder, 'missing'), { publicUrl: PUBLIC_URL, scope: 'atproto' }),
    ).toBeUndefined()
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
