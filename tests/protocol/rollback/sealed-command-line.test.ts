/** Another version reads the data folder of the command line. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { alice, bob } from '../../support/protocol/scripted-network.ts'
import { writeDatabase } from './database.ts'
import { commandLineDirections } from './directions.ts'
import { LATER_MS } from './open-application.ts'
import { carol, SCOPE } from './write-client.ts'
import { createShell, databaseIn } from './write-command-line.ts'

const HOUR_MS = 3_600_000

describe.each(commandLineDirections)('$title', ({ reader, written: write }) => {
  beforeAll(async () => void (await write()))

  async function open(afterMs = LATER_MS) {
    const { database, writtenAt, refusal } = await write()
    const shell = createShell(reader, mkdtempSync(join(tmpdir(), 'atproto-opened-')))
    onTestFinished(() => rmSync(shell.folder, { recursive: true }))
    mkdirSync(dirname(databaseIn(shell)))
    writeDatabase(databaseIn(shell), database)
    vi.useFakeTimers({ toFake: ['Date'], now: writtenAt + afterMs })
    onTestFinished(() => void vi.useRealTimers())
    return { shell, refusal }
  }

  it('lists the accounts with handle, scope and status, the latest first', async () => {
    const { shell } = await open()
    const { code, printed } = await shell.run('accounts', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(printed)).toEqual([
      { did: carol.did, handle: null, scope: SCOPE, isActive: true },
      { did: bob.did, handle: bob.handle, scope: SCOPE, isActive: true },
      { did: alice.did, handle: alice.handle, scope: SCOPE, isActive: true },
    ])
  })

  it('does not refresh a session whose secrets were printed', async () => {
    const { shell } = await open(2 * HOUR_MS)
    const { code, errors } = await shell.run('whoami', '--did', bob.handle)
    expect([code, errors]).toEqual([3, expect.stringContaining('[session_ended]')])
    expect(errors).toContain('were printed with --env')
  })

  it('takes the answer to a pending sign-in once', async () => {
    const { shell, refusal } = await open()
    const elsewhere = refusal.replace('127.0.0.1', '127.0.0.2')
    const answers = []
    for (const url of [elsewhere, refusal, refusal]) answers.push((await shell.run('complete', url)).errors)
    expect(answers).toEqual([
      expect.stringContaining('[invalid_callback]'),
      expect.stringContaining('[access_denied]'),
      expect.stringContaining('[state_unknown]'),
    ])
  })

  it('signs out: the row is gone, although its server does not answer', async () => {
    const { shell } = await open()
    expect((await shell.run('logout', '--all')).code).toBe(0)
    expect(JSON.parse((await shell.run('accounts', '--json')).printed)).toEqual([])
  })
})
