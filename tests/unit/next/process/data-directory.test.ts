import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { dataDirectory } from '../../../../lib/next/process/data-directory.ts'
import { secretIn } from '../../../../lib/store/data-directory.ts'

let base: string
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'atproto-data-'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(base, { recursive: true })
})

describe('dataDirectory', () => {
  it('makes what is missing private and unseen by git', async () => {
    vi.stubEnv('ATPROTO_DATA_DIR', join(base, 'a', 'b'))
    const path = await dataDirectory()
    expect([modeOf(path), readFileSync(join(path, '.gitignore'), 'utf8')]).toEqual(['700', '*\n'])
  })

  it('leaves a directory that was there as it is: its mode, its .gitignore', async () => {
    vi.stubEnv('ATPROTO_DATA_DIR', base)
    chmodSync(base, 0o775)
    writeFileSync(join(base, '.gitignore'), 'node_modules\n')
    await dataDirectory()
    expect([modeOf(base), readFileSync(join(base, '.gitignore'), 'utf8')]).toEqual(['775', 'node_modules\n'])
  })

  it('says what to do where none can be made', async () => {
    writeFileSync(join(base, 'file'), '')
    vi.stubEnv('ATPROTO_DATA_DIR', join(base, 'file', 'data'))
    await expect(dataDirectory()).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('ATPROTO_DATA_DIR'),
    })
  })
})

describe('the secret in it', () => {
  const localSecret = async () => secretIn(await dataDirectory())

  it('is made once, in a file for its owner only, and leaves no draft', async () => {
    vi.stubEnv('ATPROTO_DATA_DIR', base)
    const secrets = await Promise.all(Array.from({ length: 20 }, localSecret))
    expect([new Set(secrets).size, secrets[0]?.length]).toEqual([1, 43])
    expect(readdirSync(base).toSorted()).toEqual(['.gitignore', 'secret'])
    expect(modeOf(join(base, 'secret'))).toBe('600')
  })

  it('is refused when its file was cut off: rows would be sealed with a known key', async () => {
    vi.stubEnv('ATPROTO_DATA_DIR', base)
    writeFileSync(join(base, 'secret'), '')
    await expect(localSecret()).rejects.toMatchObject({ code: 'configuration' })
  })

  it('is the same after a restart', async () => {
    vi.stubEnv('ATPROTO_DATA_DIR', base)
    expect(await localSecret()).toBe(await localSecret())
  })
})
