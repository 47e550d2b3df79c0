/** `npm run demo`, as somebody at a terminal has it: what it prints, who can sign in, and what Ctrl-C leaves. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { people } from '../support/network/accounts.ts'
import { closeServer, listenOnLoopback } from '../support/network/loopback-server.ts'
import { plainEnvironment } from '../support/package/npm.ts'
import { findQuietPort } from '../support/package/start-app.ts'
import { expectPage, signInHere } from '../support/package/visitor.ts'
import { launchBrowser } from '../support/real-browser.ts'

const root = join(import.meta.dirname, '../..')

interface Terminal extends AsyncDisposable {
  /** What it shows so far. */
  screen(): string
  /** Resolves once it shows that. */
  shows(text: string): Promise<void>
  /** Sends what a terminal sends to all programs in its foreground; resolves when the first one has ended. */
  pressCtrlC(): Promise<void>
}

/** A group of processes, as a shell makes one for what is typed. */
function open(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Terminal {
  const child: ChildProcess = spawn(program, args, { cwd: root, env, detached: true })
  let screen = ''
  const print = (text: Buffer) => {
    screen += text
  }
  child.stdout?.on('data', print)
  child.stderr?.on('data', print)
  let hasEnded = false
  const ended = new Promise<void>((resolve) => {
    child.on('close', () => {
      hasEnded = true
      resolve()
    })
  })
  const kill = (signal: NodeJS.Signals) => {
    if (child.pid !== undefined && !hasEnded) process.kill(-child.pid, signal)
  }
  return {
    screen: () => screen,
    async shows(text) {
      while (!screen.includes(text)) {
        if (hasEnded) throw new Error(`The demo ended:\n${screen}`)
        await Promise.race([ended, new Promise((resolve) => child.stdout?.once('data', resolve))])
      }
    },
    async pressCtrlC() {
      kill('SIGINT')
      await ended
    },
    async [Symbol.asyncDispose]() {
      kill('SIGTERM')
      await ended
    },
  }
}

it('prints whom to be, lets them sign in, and leaves no server and no data after Ctrl-C', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'demo-'))
  // Not the usual ones: a demo may be running already.
  const port = await findQuietPort(6)
  const networkPort = port + 1
  const env = {
    ...plainEnvironment(),
    TMPDIR: folder,
    APP_PORT: String(port),
    NETWORK_PORT: String(networkPort),
  }
  await using terminal = open('npm', ['run', 'demo'], env)
  await terminal.shows('deleted when you stop it with Ctrl-C')
  const origin = `http://127.0.0.1:${port}`
  expect(terminal.screen()).toContain(`Open ${origin} and sign in`)
  await fetch(`${origin}/oauth/login`, {
    method: 'POST',
    headers: { origin, 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams({ identifier: 'nobody.test' }),
  })
  const [, logFile = ''] = /^ +Log of the app +(\S+)$/m.exec(terminal.screen()) ?? []
  await expect
    .poll(() => readFile(logFile, 'utf8'))
    .toContain('Sign-in could not start: identity_not_found: The handle nobody.test does not resolve')
  const rows = terminal.screen().matchAll(/^ +(\S+\.test) +(\S+-password) +(http\S+) +(.+)$/gm)
  const printed = Array.from(rows, ([, handle = '', password = '', pdsUrl = '', displayName = '']) => ({
    handle,
    password,
    pdsUrl,
    displayName,
    did: '',
  }))
  expect(printed.map(({ displayName }) => displayName)).toEqual(
    Object.values(people).map(({ displayName }) => displayName),
  )
  expect((await readdir(folder)).filter((name) => name.startsWith('atproto-'))).not.toEqual([])

  const browser = await launchBrowser()
  for (const account of printed) {
    const page = await browser.newPage({ locale: 'en-US' })
    await page.goto(`${origin}/sign-in`)
    await signInHere(page, account)
    await expectPage(page.getByRole('heading', { level: 1, name: account.displayName })).toBeVisible()
    await page.close()
  }
  await browser.close()

  await terminal.pressCtrlC()
  expect(terminal.screen()).toContain('Stopping …')
  expect((await readdir(folder)).filter((name) => name.startsWith('atproto-'))).toEqual([])
  for (let taken = port; taken < port + 6; taken += 1) await closeServer(await listenOnLoopback(taken))
  await rm(folder, { recursive: true, force: true })
})
