/** A published client: what `static` writes, served on an https host, and a sign-in that a real PDS accepts with it. */
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { closeServer, listenOnLoopback, portOf } from '../support/network/loopback-server.ts'
import { type LocalNetwork, startNetwork } from '../support/network/network.ts'
import { approve } from '../support/person.ts'
import { networkArgs, openShell, type Shell } from '../support/shell.ts'

const HOST = 'tools.demo.internal'
const SCOPE = 'atproto repo:app.bsky.feed.post'
const preload = fileURLToPath(new URL('../support/trust-front.ts', import.meta.url))

// Each process takes a second, and several on a busy machine.
vi.setConfig({ testTimeout: 180_000 })

let network: LocalNetwork
/** What the static host serves. */
let site: string
const host = await listenOnLoopback(0)
beforeAll(async () => {
  site = mkdtempSync(join(tmpdir(), 'atproto-site-'))
  host.on('request', ({ url = '' }, response) => {
    const path = new URL(url, 'http://host.invalid').pathname
    const isPage = path.endsWith('/')
    response.setHeader('content-type', isPage ? 'text/html' : 'application/json')
    response.end(readFileSync(join(site, isPage ? `${path}index.html` : path)))
  })
  network = await startNetwork({ app: { host: HOST, target: `http://127.0.0.1:${portOf(host)}` } })
})
afterAll(async () => {
  await network.stop()
  await closeServer(host)
  rmSync(site, { recursive: true })
})

const origin = () => network.front?.origin ?? ''

/** A machine that reaches the host, with whatever else is in its environment. */
function shellWith(env: Readonly<Record<string, string>> = {}): Shell {
  return openShell({ env: { FRONT_HOST: HOST, FRONT_CA: network.front?.ca ?? '', ...env }, preload })
}

/** Writes the two files and puts them on the host; the lines to export, as they are printed. */
async function publish(shell: Shell): Promise<string> {
  const args = ['static', 'site', '--url', origin(), '--scope', SCOPE, '--name', 'My Bot', '--allow-http']
  const { code, stdout } = await shell.run(args)
  expect(code).toBe(0)
  cpSync(join(shell.folder, 'site'), site, { recursive: true })
  return stdout
}

describe('static', () => {
  it('writes a client that a PDS takes: sign-in by environment variables, an answer at the callback page', async () => {
    const printed = await publish(shellWith())
    const variable = (name: string) => new RegExp(`export ${name}='([^']+)'`).exec(printed)?.[1] ?? ''
    const env = {
      ATPROTO_OAUTH_CLIENT_ID: variable('ATPROTO_OAUTH_CLIENT_ID'),
      ATPROTO_OAUTH_REDIRECT_URI: variable('ATPROTO_OAUTH_REDIRECT_URI'),
    }
    const shell = shellWith(env)
    const begun = await shell.run(['login', 'alice.test', '--two-phase', ...networkArgs(network)])
    expect(begun.stderr).toContain(`a page of ${new URL(origin()).host}`)
    const callback = await approve(new URL(begun.stdout), network.accounts.alice)
    expect(callback.href).toContain(`${origin()}/callback/?`)
    expect((await shell.run(['complete', callback.href])).code).toBe(0)
    const whoami: unknown = JSON.parse((await shell.run(['whoami', '--json'])).stdout)
    expect(whoami).toMatchObject({ clientId: env.ATPROTO_OAUTH_CLIENT_ID, scope: SCOPE })
  })

  it('does the same with --client-id and --redirect-uri, and asks for less when told to', async () => {
    await publish(shellWith())
    const shell = shellWith()
    const client = [
      '--client-id',
      `${origin()}/oauth-client-metadata.json`,
      '--redirect-uri',
      `${origin()}/callback/`,
    ]
    const login = ['login', 'alice.test', '--two-phase', '--scope', 'atproto', ...client]
    const begun = await shell.run([...login, ...networkArgs(network)])
    const callback = await approve(new URL(begun.stdout), network.accounts.alice)
    expect((await shell.run(['complete'], callback.href)).code).toBe(0)
    expect((await shell.run(['accounts'])).stdout).toMatch(/\) {2}atproto\n$/)
  })

  it('is no client for another redirect URI, nor for a scope that it does not declare', async () => {
    await publish(shellWith())
    const login = [
      'login',
      'alice.test',
      '--two-phase',
      '--client-id',
      `${origin()}/oauth-client-metadata.json`,
    ]
    const elsewhere = await shellWith().run([
      ...[...login, '--redirect-uri', 'https://evil.example/', ...networkArgs(network)],
    ])
    expect([elsewhere.code, elsewhere.stderr]).toEqual([2, expect.stringContaining(`${origin()}/callback/`)])
    const more = await shellWith().run([...login, '--scope', 'atproto repo:*', ...networkArgs(network)])
    expect([more.code, more.stderr]).toEqual([1, expect.stringContaining('does not declare it')])
  })

  it('keeps files that are there, unless it is forced', async () => {
    const shell = shellWith()
    const write = ['static', 'site', '--url', 'https://tools.my-site.org']
    expect((await shell.run(write)).code).toBe(0)
    const again = await shell.run(write)
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('--force overwrites it')])
    const forced = await shell.run([...write, '--force', '--json'])
    expect(JSON.parse(forced.stdout)).toMatchObject({
      clientId: 'https://tools.my-site.org/oauth-client-metadata.json',
      redirectUri: 'https://tools.my-site.org/callback/',
    })
  })
})
