/** The command line as a new user meets it: the packed package, installed without Next.js, in a terminal. */
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { postsOnPds } from '../support/e2e/person.ts'
import { readSecretsIn } from '../support/kept-secrets.ts'
import { countRefreshes, setTokenLifetime } from '../support/network/hooks.ts'
import { type LocalNetwork, startNetwork } from '../support/network/network.ts'
import { npm } from '../support/package/npm.ts'
import { approve } from '../support/person.ts'
import { networkArgs } from '../support/shell.ts'
import { openTerminalWindow } from '../support/terminal-window.ts'

const LIFETIME_MS = 3_000
let network: LocalNetwork
let folder: string

beforeAll(async () => {
  network = await startNetwork()
  folder = await mkdtemp(join(tmpdir(), 'atproto-bot-'))
  await chmod(folder, 0o755)
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'bot', private: true }))
  await npm(['install', inject('tarball')], folder)
})

afterAll(async () => {
  await network.stop()
  await rm(folder, { recursive: true, force: true })
})

it('signs in in two phases, posts, renews its tokens and signs out, at a terminal and without Next.js', async () => {
  expect(await readdir(join(folder, 'node_modules'))).not.toContain('next')
  const { alice } = network.accounts
  const [pds] = network.pds
  setTokenLifetime(pds, LIFETIME_MS)
  const path = [join(folder, 'node_modules/.bin'), dirname(process.execPath), process.env.PATH].join(':')
  await using terminal = await openTerminalWindow(folder, path)

  const login = "next-atproto-auth login alice.test --two-phase --scope 'atproto repo:app.bsky.feed.post'"
  const begun = await terminal.type(`${login} ${networkArgs(network).join(' ')}`)
  const url = new URL(/^http\S+\/oauth\/authorize\?\S+$/m.exec(begun)?.[0] ?? '')
  expect(begun).toContain('next-atproto-auth complete')
  // Changes their mind, and comes back to it.
  const question = 'The address that the browser shows at the end: '
  await terminal.type('next-atproto-auth complete', question)
  expect(await terminal.interrupt()).toContain('Cancelled.')
  expect(await terminal.type('echo "exit code $?"')).toContain('\nexit code 130\n')
  await terminal.type('next-atproto-auth complete', question)
  const { href } = await approve(url, alice)
  expect(await terminal.type(href)).toContain(`Signed in as alice.test (${alice.did}).`)

  const record = { $type: 'app.bsky.feed.post', text: 'From a terminal', createdAt: '2026-01-02T03:04:05Z' }
  const body = JSON.stringify({ repo: alice.did, collection: 'app.bsky.feed.post', record })
  const posted = await terminal.type(`next-atproto-auth post com.atproto.repo.createRecord --json '${body}'`)
  expect(posted).toContain(`"uri": "at://${alice.did}/app.bsky.feed.post/`)
  expect(await postsOnPds(alice)).toContain('From a terminal')

  await sleep(LIFETIME_MS)
  const before = countRefreshes(pds)
  expect(await terminal.type('next-atproto-auth whoami')).toMatch(
    /\nhandle {2}alice\.test\n(?:.*\n)*ends {4}20/,
  )
  expect(countRefreshes(pds) - before).toBe(1)

  const data = join(folder, '.atproto-auth')
  const clientId = url.searchParams.get('client_id') ?? ''
  const secrets = await readSecretsIn({ folder: data, clientId, account: alice })
  expect(await terminal.type('next-atproto-auth logout')).toContain('Signed out: alice.test')
  expect(await terminal.type('next-atproto-auth whoami')).toContain('[session_ended]')
  expect(await terminal.type('echo "exit code $?"')).toContain('\nexit code 3\n')

  expect(secrets.length).toBeGreaterThan(4)
  expect(secrets.filter((secret) => terminal.shown().includes(secret))).toEqual([])
  expect(terminal.shown()).not.toMatch(/warning/i)
})
