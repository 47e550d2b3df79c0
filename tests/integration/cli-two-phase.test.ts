/** Two-phase sign-in as a new user does it: real processes of the command line, real PDSes, a browser elsewhere. */
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { readSecretsIn } from '../support/kept-secrets.ts'
import { type LocalNetwork, startNetwork } from '../support/network/network.ts'
import { approve, deny } from '../support/person.ts'
import { networkArgs, openShell, type Shell } from '../support/shell.ts'

// Each process takes a second, and several on a busy machine.
vi.setConfig({ testTimeout: 180_000 })

let network: LocalNetwork
beforeAll(async () => {
  network = await startNetwork()
})
afterAll(() => network.stop())

/** The first phase; the URL it printed. */
async function begin(shell: Shell, name: 'alice' | 'bob' = 'alice'): Promise<URL> {
  const { handle } = network.accounts[name]
  const { code, stdout } = await shell.run(['login', handle, '--two-phase', ...networkArgs(network)])
  expect(code).toBe(0)
  return new URL(stdout)
}

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

describe('login --two-phase and complete', () => {
  it.each(['alice', 'bob'] as const)(
    'sign %s in with the address that the browser ended at',
    async (name) => {
      const shell = openShell()
      const account = network.accounts[name]
      const callback = await approve(await begin(shell, name), account)
      const done = await shell.run(['complete', callback.href])
      expect(done).toMatchObject({ code: 0, stderr: '' })
      expect(done.stdout).toContain(`Signed in as ${account.handle} (${account.did}).`)
      expect((await shell.run(['whoami'])).stdout).toContain(`pds     ${account.pdsUrl}\n`)
    },
  )

  it('take the address from standard input, in lines as a terminal breaks them, and answer in JSON', async () => {
    const shell = openShell()
    const { alice } = network.accounts
    const login = ['login', alice.did, '--two-phase', '--json', ...networkArgs(network)]
    const begun: unknown = JSON.parse((await shell.run(login)).stdout)
    expect(begun).toMatchObject({ url: expect.any(String), redirectUri: 'http://127.0.0.1/callback' })
    const { href } = await approve(new URL(Object(begun).url), alice)
    const broken = `  ${href.slice(0, 70)}\n${href.slice(70)}\r\n`
    const done = await shell.run(['complete', '--json'], broken)
    expect(JSON.parse(done.stdout)).toEqual({
      did: alice.did,
      handle: alice.handle,
      pds: alice.pdsUrl,
      issuer: alice.pdsUrl,
      scope: 'atproto',
      store: join(shell.folder, '.atproto-auth', 'sessions.sqlite'),
    })
  })

  it('keep everything for the owner alone, and out of git', async () => {
    const shell = openShell()
    await begin(shell)
    const data = join(shell.folder, '.atproto-auth')
    const modes = ['.', 'secret', 'sessions.sqlite'].map((name) => modeOf(join(data, name)))
    expect(modes).toEqual(['700', '600', '600'])
    expect(existsSync(join(data, '.gitignore'))).toBe(true)
  })

  it('say where to go on when the data folder is another one', async () => {
    const shell = openShell()
    const args = ['login', 'alice.test', '--two-phase', '--data-dir', 'my bot', ...networkArgs(network)]
    expect((await shell.run(args)).stderr).toContain("next-atproto-auth complete --data-dir 'my bot'\n")
  })

  it('show no secret: neither verifier nor key nor the secret that they are sealed with', async () => {
    const shell = openShell()
    const { alice } = network.accounts
    const url = await begin(shell)
    const callback = await approve(url, alice)
    const state = callback.searchParams.get('state') ?? ''
    const kept = {
      folder: join(shell.folder, '.atproto-auth'),
      clientId: url.searchParams.get('client_id') ?? '',
    }
    const secrets = await readSecretsIn({ ...kept, account: alice, state })
    expect(secrets).toHaveLength(3)
    await shell.run(['complete', callback.href])
    expect(secrets.filter((secret) => shell.shown().includes(secret))).toEqual([])
  })
})

describe('an address that does not fit', () => {
  it('is refused as a call when it is none, without being quoted', async () => {
    const shell = openShell()
    for (const pasted of ['nonsense', 'http://127.0.0.1/callback?code=canary']) {
      const { code, stdout, stderr } = await shell.run(['complete', pasted])
      expect([code, stdout]).toEqual([2, ''])
      expect(stderr).toContain('Paste the whole address')
      expect(stderr).not.toContain('canary')
    }
  })

  it('CB-1 CB-2: is refused when the sign-in was begun elsewhere, by a stranger for instance (login CSRF)', async () => {
    const [mine, stranger] = [openShell(), openShell()]
    await begin(mine)
    const callback = await approve(await begin(stranger), network.accounts.alice)
    const { code, stderr } = await mine.run(['complete', callback.href])
    expect([code, stderr]).toEqual([3, expect.stringMatching(/not begun here.*\[state_unknown\]\n$/)])
    expect(await mine.run(['accounts'])).toMatchObject({ stdout: 'No account is signed in here.\n' })
  })

  it('is refused the second time', async () => {
    const shell = openShell()
    const callback = await approve(await begin(shell), network.accounts.alice)
    expect((await shell.run(['complete', callback.href])).code).toBe(0)
    const again = await shell.run(['complete', callback.href])
    expect([again.code, again.stderr]).toEqual([3, expect.stringContaining('[state_unknown]')])
    expect((await shell.run(['whoami'])).code).toBe(0)
  })

  it('of another host is refused and uses nothing up: the right one still works', async () => {
    const shell = openShell()
    const callback = await approve(await begin(shell), network.accounts.alice)
    const foreign = await shell.run(['complete', `https://evil.example/callback${callback.search}`])
    expect([foreign.code, foreign.stderr]).toEqual([1, expect.stringContaining('[invalid_callback]')])
    expect((await shell.run(['complete', callback.href])).code).toBe(0)
  })

  it('CB-3: that names another issuer is refused (mix-up)', async () => {
    const shell = openShell()
    const callback = await approve(await begin(shell), network.accounts.alice)
    callback.searchParams.set('iss', network.accounts.bob.pdsUrl)
    const { code, stderr } = await shell.run(['complete', callback.href])
    expect([code, stderr]).toEqual([1, expect.stringContaining('[issuer_mismatch]')])
  })

  it('CB-4: of a person who said no is told as that', async () => {
    const shell = openShell()
    const callback = await deny(await begin(shell))
    const { code, stderr } = await shell.run(['complete', callback.href])
    expect([code, stderr]).toEqual([1, expect.stringContaining('[access_denied]')])
  })
})
