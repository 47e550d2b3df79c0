/** `next-atproto-auth doctor`: what is wrong with an application's configuration and surroundings, each with its fix. */
import { createGuardedFetch } from '../../net/guarded-fetch.ts'
import { type Mode, readAppEnvironment } from '../project/env-files.ts'
import { type Command, readCall, type Terminal, UsageError } from '../terminal/command.ts'
import { checkConfiguration } from './configuration.ts'
import type { Finding, Instruments } from './finding.ts'
import { checkClock, checkPublished } from './reach.ts'
import { checkStore } from './store.ts'
import { checkVersions } from './versions.ts'

const HELP = `Usage: next-atproto-auth doctor [options]

Reads the environment and the .env files as the application in this folder would, and looks at: the versions of
Node.js and Next.js; PUBLIC_URL, secret and keys; client metadata and public keys at PUBLIC_URL, as an authorization
server fetches them; the clock; the store. What auth.ts sets by options is not seen.

  --mode <mode>   development or production; default NODE_ENV, else development
  --offline       ask no other server
  --json          print the findings as JSON

The exit code is 1 when something fails.`

/** The command. */
export const doctor = createDoctor({
  fetch: createGuardedFetch(),
  now: Date.now,
  nodeVersion: process.versions.node,
})

/** The command, on these instruments. */
export function createDoctor(instruments: Instruments): Command {
  return {
    summary: 'check configuration, keys, published metadata, clock and store',
    help: HELP,
    async run(args, terminal) {
      const { values } = readCall(args, {
        mode: { type: 'string' },
        offline: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      })
      const mode = readMode(values.mode, terminal)
      const findings = await examine(terminal, mode, values.offline, instruments)
      terminal.print(values.json ? JSON.stringify({ mode, findings }, null, 2) : toText(mode, findings))
      return findings.some(({ level }) => level === 'fail') ? 1 : 0
    },
  }
}

function readMode(given: string | undefined, { env }: Terminal): Mode {
  if (given === undefined) return env.NODE_ENV === 'production' ? 'production' : 'development'
  if (given === 'development' || given === 'production') return given
  throw new UsageError(`--mode is development or production, not "${given}".`)
}

async function examine(
  terminal: Terminal,
  mode: Mode,
  isOffline: boolean,
  instruments: Instruments,
): Promise<readonly Finding[]> {
  const { values: env } = await readAppEnvironment(terminal, mode)
  const versions = await checkVersions(terminal.folder, instruments.nodeVersion)
  const { findings, publicUrl, keyset } = await checkConfiguration(env)
  const outside = isOffline
    ? []
    : [
        ...(publicUrl === undefined ? [] : await checkPublished(publicUrl, keyset, instruments.fetch)),
        await checkClock(instruments),
      ]
  return [...versions, ...findings, ...outside, await checkStore(env, terminal.folder)]
}

function toText(mode: Mode, findings: readonly Finding[]): string {
  const lines = findings.flatMap((finding) => [
    `${finding.level.padEnd(4)}  ${finding.check.padEnd(11)}  ${finding.message}`,
    ...(finding.level === 'ok' ? [] : [`${' '.repeat(19)}→ ${finding.fix}`]),
  ])
  const count = (level: Finding['level']) => findings.filter((finding) => finding.level === level).length
  return [
    `Looking at this application in ${mode} mode.`,
    ...lines,
    `${count('fail')} failed, ${count('warn')} to look at, ${count('ok')} fine.`,
  ].join('\n')
}
