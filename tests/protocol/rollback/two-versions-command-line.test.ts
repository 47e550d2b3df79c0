/** The command lines of the previous version and of the working tree share a data folder. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { alice } from '../../support/protocol/scripted-network.ts'
import { orders } from './library.ts'
import { SCOPE, startWritingNetwork } from './write-client.ts'
import { beginSignIn, createShell } from './write-command-line.ts'

const HOUR_MS = 3_600_000
const FORTNIGHT_MS = 14 * 24 * HOUR_MS

it.each(orders)(
  'sign-in, refreshes and sign-out take turns between the versions: $title',
  async ({ one, other }) => {
    await using network = await startWritingNetwork()
    const folder = mkdtempSync(join(tmpdir(), 'atproto-versions-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const [mine, theirs] = [createShell(one, folder), createShell(other, folder)]
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const signedInAt = Date.now()

    const page = await beginSignIn(mine, alice, network)
    const callback = network.home.as.approve(page, alice.did)
    expect((await theirs.run('complete', callback.href)).code).toBe(0)
    expect((await mine.run('complete', callback.href)).errors).toContain('[state_unknown]')

    const facts = {
      did: alice.did,
      handle: alice.handle,
      pds: network.home.pds.origin,
      issuer: network.home.as.origin,
      scope: SCOPE,
      endsAt: new Date(signedInAt + FORTNIGHT_MS).toISOString(),
      clientId: page.searchParams.get('client_id'),
    }
    for (const shell of [mine, theirs, mine]) {
      const { printed } = await shell.run('whoami', '--json')
      expect(JSON.parse(printed)).toEqual(facts)
      vi.setSystemTime(Date.now() + HOUR_MS)
    }
    expect(network.home.as.grants.counts).toMatchObject({ rotations: 2, replays: 0 })

    expect((await theirs.run('logout')).code).toBe(0)
    expect(JSON.parse((await mine.run('accounts', '--json')).printed)).toEqual([])
    expect(network.home.as.grants.counts).toMatchObject({ revocations: 1 })
  },
)
