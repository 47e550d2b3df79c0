/** `login` with a browser on the same machine: a real process listens, a person approves, the browser comes back. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { findFreePort } from '../support/network/free-port.ts'
import { countRequests } from '../support/network/hooks.ts'
import { closeServer, listenOnLoopback, portOf } from '../support/network/loopback-server.ts'
import { type LocalNetwork, startNetwork } from '../support/network/network.ts'
import { approve, deny } from '../support/person.ts'
import { networkArgs, openShell, type Running, type Shell } from '../support/shell.ts'

// Each process takes a second, and several on a busy machine.
vi.setConfig({ testTimeout: 180_000 })

let network: LocalNetwork
beforeAll(async () => {
  network = await startNetwork()
})
afterAll(() => network.stop())

function login(shell: Shell, ...args: readonly string[]): Running {
  return shell.start(['login', 'alice.test', '--no-browser', ...networkArgs(network), ...args])
}

/** Its port is in the answer that the browser is sent back with. */
const comeBack = async (running: Running) => approve(await running.url, network.accounts.alice)

describe('login', () => {
  it('LB-1 LB-2 LB-3: signs in when the browser comes back, to whatever port, and shows it a page', async () => {
    const shell = openShell()
    const running = login(shell, '--scope', 'atproto repo:app.bsky.feed.post')
    const page = await fetch(await comeBack(running))
    const text = await page.text()
    expect([page.status, text]).toEqual([200, expect.stringContaining('Signed in')])
    expect(text).toContain(`alice.test (${network.accounts.alice.did})`)
    const { code, stdout, stderr } = await running.ended
    expect([code, stderr]).toEqual([0, expect.stringContaining('Waiting for the browser')])
    expect(stdout).toMatch(/^Signed in as alice\.test \(did:plc:\w+\)\. The session is stored in .*\n$/)
    expect((await shell.run(['whoami', '--json'])).stdout).toContain('atproto repo:app.bsky.feed.post')
  })

  it('answers with a page that nothing keeps, frames or learns an address from', async () => {
    const running = login(openShell())
    const { headers } = await fetch(await comeBack(running))
    expect(Object.fromEntries(headers)).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
    })
    await running.ended
  })

  it('gives the result alone to a program: JSON on the standard output', async () => {
    const running = login(openShell(), '--json')
    await fetch(await comeBack(running))
    const { stdout } = await running.ended
    expect(JSON.parse(stdout)).toMatchObject({ did: network.accounts.alice.did, handle: 'alice.test' })
  })

  it('CB-4: tells that the person said no, in the terminal and on the page', async () => {
    const running = login(openShell())
    const page = await fetch(await deny(await running.url))
    expect([page.status, await page.text()]).toEqual([400, expect.stringContaining('You were not signed in')])
    const { code, stdout, stderr } = await running.ended
    expect([code, stdout, stderr]).toEqual([1, '', expect.stringContaining('[access_denied]')])
  })

  it('opens a browser where there is one, with the very address', async () => {
    const shell = openShell({ env: browserEnvironment() })
    const running = shell.start(['login', 'alice.test', '--timeout', '3', ...networkArgs(network)])
    const { href } = await running.url
    await expect.poll(() => existsSync(join(shell.folder, 'opened'))).toBe(true)
    expect(readFileSync(join(shell.folder, 'opened'), 'utf8')).toBe(`${href}\n`)
    expect((await running.ended).stderr).toContain('Continue in your browser.')
  })
})

/** A desktop whose browser writes down what it is to open. */
function browserEnvironment() {
  const { folder } = openShell()
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  writeFileSync(
    join(bin, 'xdg-open'),
    '#!/bin/sh\nprintf "%s\\n" "$1" > opened.part && mv opened.part opened\n',
  )
  chmodSync(join(bin, 'xdg-open'), 0o755)
  return { DISPLAY: ':0', PATH: [bin, process.env.PATH].join(delimiter) }
}

describe('what else comes to the listener', () => {
  it('is turned away and ends nothing: a foreign state, another path, a POST, a prefetch, another host', async () => {
    const running = login(openShell())
    const callback = await comeBack(running)
    const { origin, search } = callback
    const foreign = await fetch(`${origin}/callback?code=x&iss=y&state=stranger`)
    const elsewhere = await fetch(`${origin}/${search}`)
    const posted = await fetch(callback, { method: 'POST' })
    const ahead = await fetch(callback, { headers: { 'sec-purpose': 'prefetch' } })
    expect([foreign.status, elsewhere.status, posted.status, ahead.status]).toEqual([400, 404, 405, 503])
    expect(await rebound(callback)).toContain('HTTP/1.1 421')
    expect(await foreign.text()).toContain('Not expected')
    expect((await fetch(callback)).status).toBe(200)
    expect((await running.ended).code).toBe(0)
  })
})

/** A request as a page makes it whose name was rebound to this machine. */
function rebound({ port, pathname, search }: URL): Promise<string> {
  const socket = connect(Number(port), '127.0.0.1')
  socket.end(`GET ${pathname}${search} HTTP/1.1\r\nHost: evil.example:${port}\r\n\r\n`)
  return new Promise((resolve, reject) => {
    socket.once('data', (data) => resolve(String(data)))
    socket.once('error', reject)
  })
}

describe('a sign-in that nobody finishes', () => {
  it('ends with Ctrl-C, and asks for no token', async () => {
    network.pds[0].requests.clear()
    const shell = openShell()
    const running = login(shell)
    await running.url
    running.interrupt()
    const { code, stderr } = await running.ended
    expect([code, stderr]).toEqual([130, expect.stringContaining('Cancelled. You were not signed in.\n')])
    expect(countRequests(network.pds[0], { path: '/oauth/token' })).toBe(0)
    expect((await shell.run(['whoami'])).code).toBe(3)
  })

  it('ends when the time is over', async () => {
    const { code, stderr } = await login(openShell(), '--timeout', '1').ended
    expect([code, stderr]).toEqual([4, expect.stringContaining('within 1 s. Run login again. [timeout]\n')])
  })

  it('ends with Ctrl-C also while a server keeps it waiting', async () => {
    const asked = Promise.withResolvers<void>()
    const silent = await listenOnLoopback(0)
    silent.on('connection', () => asked.resolve())
    const resolver = ['--allow-http', '--handle-resolver', `http://127.0.0.1:${portOf(silent)}`]
    const running = openShell().start(['login', 'alice.test', '--no-browser', ...resolver])
    await asked.promise
    running.interrupt()
    expect(await running.ended).toMatchObject({ code: 130, stderr: 'Cancelled. You were not signed in.\n' })
    await closeServer(silent)
  })
})

describe('a sign-in that cannot begin', () => {
  it.each([
    [1, 'identity_not_found', ['nobody.test']],
    [1, 'invalid_identifier', ['not a handle']],
  ])('ends with %i and says %s', async (code, name, args) => {
    const ended = await openShell().run(['login', ...args, ...networkArgs(network)])
    expect(ended).toEqual({ code, stdout: '', stderr: expect.stringMatching(new RegExp(`\\[${name}\\]\n$`)) })
  })

  it('ends with 4 when it may work later: the directory is down', async () => {
    const down = ['--allow-http', '--handle-resolver', `http://127.0.0.1:${await findFreePort()}`]
    const { code, stderr } = await openShell().run(['login', 'alice.test', ...down])
    expect([code, stderr]).toEqual([4, expect.stringContaining('Try again later.')])
  })

  it('does not reach this machine without --allow-http', async () => {
    const { code, stderr } = await openShell().run(['login', network.pds[0].url])
    expect([code, stderr]).toEqual([1, expect.stringContaining('[invalid_identifier]')])
  })
})
