/**
 * Finds the browser for the browser tests. Run as a script it makes sure that there is one: installs
 * Debian's Chromium when it may (root with apt-get), and otherwise says how to get one.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium } from '@playwright/test'

const isRoot = process.getuid?.() === 0

/**
 * Command line options for Playwright's `launchOptions.args`. They keep the browser off the network
 * (only loopback resolves, and `*.internal` leads there), and switch its sandbox off only for root, who
 * cannot have it.
 */
export const chromiumArgs: readonly string[] = [
  ...(isRoot ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP *.internal 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
]

/**
 * Returns the path of the first Chromium there is: CHROMIUM_PATH (and then nothing else), Playwright's
 * own, the system's.
 */
export function findChromium(): string | undefined {
  const chosen = process.env.CHROMIUM_PATH
  if (chosen) return isExecutable(chosen) ? chosen : undefined
  const folders = ['/usr/bin', ...(process.env.PATH ?? '').split(delimiter).filter(Boolean)]
  const names = ['chromium', 'google-chrome', 'google-chrome-stable', 'chromium-browser']
  const installed = names.flatMap((name) => folders.map((folder) => join(folder, name)))
  return [chromium.executablePath(), ...installed].find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    // Absent or not ours to run: for the caller that is the same.
    return false
  }
}

/** Makes sure that there is a browser; returns the exit code of the script. */
function ensureChromium(): number {
  const found = findChromium()
  if (found) {
    console.log(`Browser: ${found}`)
    return 0
  }
  if (process.env.CHROMIUM_PATH) {
    console.error(`CHROMIUM_PATH names no program: ${process.env.CHROMIUM_PATH}`)
    return 1
  }
  if (isRoot && hasAptGet()) return installFromDebian()
  console.error('No Chromium was found. Install one with:  npx playwright install --with-deps chromium')
  return 1
}

function hasAptGet(): boolean {
  try {
    execFileSync('apt-get', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    // Not a Debian or Ubuntu.
    return false
  }
}

function installFromDebian(): number {
  console.log('No Chromium was found; installing it with apt-get …')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const args of [['update'], ['install', '-y', 'chromium']]) {
    console.log(`> apt-get ${args.join(' ')}`)
    const { status } = spawnSync('apt-get', args, { stdio: 'inherit', env })
    if (status === 0) continue
    console.error('apt-get failed. Another way:  npx playwright install --with-deps chromium')
    return 1
  }
  return findChromium() === undefined ? 1 : 0
}

if (import.meta.main) process.exitCode = ensureChromium()
