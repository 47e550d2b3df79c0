/** What the commands do with a session that there is: real processes, real PDSes, tokens that end. */
import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { countRefreshes } from '../support/network/hooks.ts'
import { type LocalNetwork, startNetwork } from '../support/network/network.ts'
import { openShell, type Shell } from '../support/shell.ts'
import { SHELL_SCOPE, SHORT_MS, signedInBriefly, signInAt } from '../support/shell-sign-in.ts'

// Each process takes a second, and several on a busy machine.
vi.setConfig({ testTimeout: 180_000 })

let network: LocalNetwork
beforeAll(async () => {
  network = await startNetwork()
})
afterAll(() => network.stop())

async function signedIn(): Promise<Shell> {
  const shell = openShell()
  await signInAt(shell, { network })
  return shell
}

const post = (text: string) =>
  JSON.stringify({
    repo: network.accounts.alice.did,
    collection: 'app.bsky.feed.post',
    record: { $type: 'app.bsky.feed.post', text, createdAt: new Date().toISOString() },
  })
const listPosts = (shell: Shell) =>
  shell.run([
    ...['get', 'com.atproto.repo.listRecords', `repo=${network.accounts.alice.did}`],
    ...['collection=app.bsky.feed.post', 'limit=5'],
  ])

describe('post and get', () => {
  it('write and read records: the body as an argument, from a file, from standard input', async () => {
    const shell = await signedIn()
    const create = ['post', 'com.atproto.repo.createRecord', '--json']
    writeFileSync(join(shell.folder, 'post.json'), post('from a file'))
    const written = [
      await shell.run([...create, post('as an argument')]),
      await shell.run([...create, '@post.json']),
      await shell.run([...create, '-'], post('from standard input')),
    ]
    expect(written.map(({ code }) => code)).toEqual([0, 0, 0])
    const { uri } = Object(JSON.parse(written[0]?.stdout ?? ''))
    expect(uri).toContain(`at://${network.accounts.alice.did}/app.bsky.feed.post/`)
    const { records } = Object(JSON.parse((await listPosts(shell)).stdout))
    const texts = Object.values(Object(records)).map((record) => Object(record).value.text)
    expect(texts).toEqual(['from standard input', 'from a file', 'as an argument'])
  })

  it('say with exit code 3 which scope is missing, and how to ask for it', async () => {
    const shell = await signedIn()
    const like = post('x').replaceAll('app.bsky.feed.post', 'app.bsky.feed.like')
    const { code, stdout, stderr } = await shell.run([
      'post',
      'com.atproto.repo.createRecord',
      '--json',
      like,
    ])
    expect([code, stdout]).toEqual([3, ''])
    expect(stderr).toMatch(
      /login HANDLE --scope 'atproto repo:.* repo:app\.bsky\.feed\.like\?action=create' \[scope_missing\]\n$/,
    )
  })

  it('say with exit code 1 what the PDS did not like', async () => {
    const shell = await signedIn()
    const { code, stderr } = await shell.run(['get', 'com.atproto.repo.listRecords', 'limit=5'])
    expect([code, stderr]).toEqual([1, expect.stringMatching(/answered with 400.*\[xrpc_error\]\n$/)])
  })
})

describe('a session whose access token has ended', () => {
  it('RF-1: is renewed by the next command, once, and the command after it goes on with the new one', async () => {
    const { shell } = await signedInBriefly(network)
    await sleep(SHORT_MS)
    network.pds[0].requests.clear()
    expect((await shell.run(['whoami'])).code).toBe(0)
    expect((await listPosts(shell)).code).toBe(0)
    expect(countRefreshes(network.pds[0])).toBe(1)
  })

  it('is renewed once by commands that run at the same time', async () => {
    const { shell } = await signedInBriefly(network)
    await sleep(SHORT_MS)
    network.pds[0].requests.clear()
    const ended = await Promise.all([shell.run(['whoami']), shell.run(['whoami']), listPosts(shell)])
    expect(ended.map(({ code }) => code)).toEqual([0, 0, 0])
    expect(countRefreshes(network.pds[0])).toBe(1)
  })
})

describe('whoami', () => {
  it('says when the session ends: two weeks after the sign-in, whatever happens in between', async () => {
    const begun = Date.now()
    const shell = await signedIn()
    const [lines, json] = [await shell.run(['whoami']), await shell.run(['whoami', '--json'])]
    const { endsAt } = Object(JSON.parse(json.stdout))
    const signedInAt = new Date(endsAt).getTime() - 14 * 24 * 3_600_000
    expect(signedInAt).toBeGreaterThanOrEqual(begun)
    expect(signedInAt).toBeLessThanOrEqual(Date.now())
    expect(lines.stdout).toContain(`ends    ${endsAt.slice(0, 10)} ${endsAt.slice(11, 16)} UTC\n`)
  })
})

describe('logout', () => {
  it('ends the session at its server too: a copy of the folder that a thief made before is worth nothing', async () => {
    const { shell } = await signedInBriefly(network)
    cpSync(join(shell.folder, '.atproto-auth'), join(shell.folder, 'stolen'), { recursive: true })
    expect(await shell.run(['logout'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Signed out:'),
    })
    expect((await shell.run(['whoami'])).code).toBe(3)
    await sleep(SHORT_MS)
    const thief = await shell.run(['whoami', '--data-dir', 'stolen'])
    expect([thief.code, thief.stderr]).toEqual([3, expect.stringContaining('[session_ended]')])
  })

  it('is what makes the difference: without it the same copy lives', async () => {
    const { shell } = await signedInBriefly(network)
    cpSync(join(shell.folder, '.atproto-auth'), join(shell.folder, 'stolen'), { recursive: true })
    await sleep(SHORT_MS)
    expect((await shell.run(['whoami', '--data-dir', 'stolen'])).code).toBe(0)
  })

  it('says with exit code 3 that there is nothing to end', async () => {
    const ended = await openShell().run(['logout'])
    expect(ended).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/^No account is signed in here\. /),
    })
  })
})

describe('two accounts', () => {
  it('are told apart by handle or DID; without, whoever signed in last is meant', async () => {
    const shell = openShell()
    await signInAt(shell, { network, name: 'alice' })
    await signInAt(shell, { network, name: 'bob' })
    const { alice, bob } = network.accounts
    const who = async (...args: readonly string[]) =>
      Object(JSON.parse((await shell.run(['whoami', '--json', ...args])).stdout)).did
    expect(await who()).toBe(bob.did)
    expect(await who('--did', '@Alice.test')).toBe(alice.did)
    expect(JSON.parse((await shell.run(['accounts', '--json'])).stdout)).toEqual([
      { did: bob.did, handle: bob.handle, scope: SHELL_SCOPE, isActive: true },
      { did: alice.did, handle: alice.handle, scope: SHELL_SCOPE, isActive: true },
    ])
    const unknown = await shell.run(['whoami', '--did', 'carol.test'])
    expect([unknown.code, unknown.stderr]).toEqual([
      3,
      expect.stringContaining('carol.test is not signed in here'),
    ])
    await shell.run(['logout', '--did', 'bob.pds2.test'])
    expect(await who('--did', alice.did)).toBe(alice.did)
    expect(JSON.parse((await shell.run(['logout', '--all', '--json'])).stdout)).toEqual({
      signedOut: [alice.did],
    })
  })
})
