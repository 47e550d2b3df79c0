/** The transcript in docs/command-line.md, played again on the local network: it shows what is really shown. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { countRefreshes, setTokenLifetime } from '../support/network/hooks.ts'
import { type LocalNetwork, startNetwork } from '../support/network/network.ts'
import { approve } from '../support/person.ts'
import { networkArgs, openShell, type Shell } from '../support/shell.ts'

// Each process takes a second, and several on a busy machine.
vi.setConfig({ testTimeout: 180_000 })

const LIFETIME_MS = 3_000

let network: LocalNetwork
beforeAll(async () => {
  network = await startNetwork()
  setTokenLifetime(network.pds[0], LIFETIME_MS)
})
afterAll(() => network.stop())

it('signs in in two phases, posts, renews its tokens and signs out, as the documentation shows it', async () => {
  const shell = openShell({ isMerged: true })
  const post = { $type: 'app.bsky.feed.post', text: 'Hello from a script', createdAt: '2026-01-02T03:04:05Z' }
  const body = { repo: 'alice.test', collection: 'app.bsky.feed.post', record: post }
  writeFileSync(join(shell.folder, 'post.json'), JSON.stringify(body))

  const login = "login alice.test --two-phase --scope 'atproto repo:app.bsky.feed.post'"
  const begun = await type(shell, login, ...networkArgs(network))
  const [url = ''] = /^http\S+$/m.exec(begun) ?? []
  const { href } = await approve(new URL(url), network.accounts.alice)
  const told = [begun, await type(shell, `complete '${href}'`)]
  told.push(await type(shell, 'post com.atproto.repo.createRecord --json @post.json'))
  await sleep(LIFETIME_MS)
  const before = countRefreshes(network.pds[0])
  told.push(await type(shell, 'whoami'))
  expect(countRefreshes(network.pds[0]) - before).toBe(1)
  told.push(await type(shell, 'logout'), await type(shell, 'whoami'))

  const document = readFileSync(join(import.meta.dirname, '../../docs/command-line.md'), 'utf8')
  const [, transcript] = /```console\n(.*?)```/s.exec(document) ?? []
  expect(plain(told.join('\n'), shell.folder)).toBe(transcript)
})

/** Runs a line as it is typed, and some more that is not shown; the line and what is shown after it. */
async function type(shell: Shell, line: string, ...hidden: readonly string[]): Promise<string> {
  const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word = '']) => quoted ?? word)
  const { code, stdout } = await shell.run([...words, ...hidden])
  return `$ next-atproto-auth ${line}\n${stdout}${code === 0 ? '' : `(exit code ${code})\n`}`
}

/** Without what differs from run to run. */
function plain(text: string, folder: string): string {
  const { did, pdsUrl } = network.accounts.alice
  const pds = 'https://pds.example.com'
  return text
    .replaceAll(encodeURIComponent(pdsUrl), encodeURIComponent(pds))
    .replaceAll(pdsUrl, pds)
    .replaceAll(did, 'did:plc:alice2k3l4m5n6o7p2q3r4s5')
    .replaceAll(folder, '/home/alice/bot')
    .replace(/^ends {4}\d{4}-\d\d-\d\d \d\d:\d\d UTC$/m, 'ends    2026-01-16 03:04 UTC')
    .replace(/(req-|cod-|state=|"bafy|"rev": "|post\/)[\w-]+/g, '$1…')
}
