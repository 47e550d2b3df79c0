/** `next-atproto-auth doctor`: checks the configuration and environment of an application, and suggests fixes. */
import { createGuardedFetch } from '../../net/guarded-fetch.ts'
import { isLoopbackUrl } from '../../oauth/client-metadata/build.ts'
import type { PostgresTable } from '../../store/postgres/schema.ts'
import { escapeControls } from '../../untrusted-text.ts'
import { type Mode, readAppEnvironment } from '../project/env-files.ts'
import { type Command, parseArguments, type Terminal, UsageError } from '../terminal/command.ts'
import { readProxy } from '../terminal/option-names.ts'
import { toJson } from '../terminal/output.ts'
import { checkCallbackHere } from './check-callback.ts'
import { checkClock } from './check-clock.ts'
import { checkConfiguration } from './check-configuration.ts'
import { checkPublished } from './check-published.ts'
import { checkStore } from './check-store.ts'
import { checkVersions } from './check-versions.ts'
import { type DoctorDeps, type Finding, isProblem } from './finding.ts'

const HELP = `Usage: next-atproto-auth doctor [options]

Reads the environment and the .env files like the application in this folder, and checks: the versions of Node.js and
Next.js; PUBLIC_URL, the secret and the keys; the client metadata and the public keys at PUBLIC_URL, fetched like an
authorization server, and that the callback is there (in development while the application runs); the clock; the store,
and whether it was used with another secret. Options of createAtprotoAuth() are not read: for a PostgreSQL store that it
is given, run the command with ATPROTO_DATABASE_URL.

  --mode <mode>   development or production; default NODE_ENV, then development
  --offline       send no requests to other servers
  --http-proxy <url>
                  HTTP proxy through which the requests leave, such as http://proxy.internal:3128
  --schema <name>, --table <name>
                  schema and table of the PostgreSQL store, as createPostgresStore has them
  --json          print the findings as JSON

The exit code is 1 when a check fails.`

/** The command `doctor`. */
export const doctor = createDoctor({
  fetch: createGuardedFetch(),
  fetchHere: createGuardedFetch({ localNetwork: {} }),
  now: Date.now,
  nodeVersion: process.versions.node,
})

/** Creates the command with the given dependencies. */
export function createDoctor(deps: DoctorDeps): Command {
  return {
    summary: 'check configuration, keys, published metadata, clock and store',
    help: HELP,
    async run(args, terminal) {
      const { values } = parseArguments(args, {
        mode: { type: 'string' },
        offline: { type: 'boolean', default: false },
        'http-proxy': { type: 'string' },
        schema: { type: 'string' },
        table: { type: 'string' },
        json: { type: 'boolean', default: false },
      })
      const mode = readMode(values.mode, terminal)
      const proxy = readProxy(values['http-proxy'])
      const place = { schema: values.schema, table: values.table }
      const fetch = proxy ? createGuardedFetch({ proxy }) : deps.fetch
      const found = await runChecks(
        terminal,
        { ...deps, fetch },
        { mode, isOffline: values.offline, ...place },
      )
      const findings = proxy ? found : found.map((finding) => withProxyHint(finding, terminal))
      terminal.print(values.json ? toJson({ mode, findings }) : toText(mode, findings))
      return findings.some(({ level }) => level === 'fail') ? 1 : 0
    },
  }
}

/** Says of a failed request that the environment names a proxy, which no request used. */
function withProxyHint(finding: Finding, { env }: Terminal): Finding {
  const name = proxyVariables.find((variable) => env[variable])
  if (!isProblem(finding) || !finding.isUnanswered || name === undefined) return finding
  const hint = `${name} is set: if requests have to leave through a proxy, add --http-proxy "$${name}".`
  return { ...finding, fix: `${hint} ${finding.fix}` }
}

const proxyVariables = ['HTTPS_PROXY', 'https_proxy']

function readMode(value: string | undefined, { env }: Terminal): Mode {
  if (value === undefined) return env.NODE_ENV === 'production' ? 'production' : 'development'
  if (value === 'development' || value === 'production') return value
  throw new UsageError(`--mode must be development or production, not "${value}".`)
}

async function runChecks(
  terminal: Terminal,
  deps: DoctorDeps,
  { mode, isOffline, ...place }: PostgresTable & { readonly mode: Mode; readonly isOffline: boolean },
): Promise<readonly Finding[]> {
  const { values: env } = await readAppEnvironment(terminal, mode)
  const versions = await checkVersions(terminal.folder, deps.nodeVersion)
  const { findings, publicUrl, secrets, keyset } = await checkConfiguration(env)
  // A loopback address is that of any application here, each with a secret of its own.
  const isPublished = publicUrl !== undefined && !isLoopbackUrl(publicUrl)
  const application = isPublished && secrets ? { publicUrl, secrets } : undefined
  const remote = isOffline
    ? []
    : [
        ...(publicUrl === undefined ? [] : await checkPublished(publicUrl, keyset, deps.fetch)),
        ...(publicUrl === undefined || isPublished
          ? []
          : [await checkCallbackHere(publicUrl, deps.fetchHere)]),
        await checkClock(deps),
      ]
  return [
    ...versions,
    ...findings,
    ...remote,
    ...(await checkStore(env, terminal.folder, { ...place, application })),
  ]
}

function toText(mode: Mode, findings: readonly Finding[]): string {
  const lines = findings.flatMap((finding) => [
    `${finding.level.padEnd(4)}  ${finding.check.padEnd(11)}  ${escapeControls(finding.message)}`,
    ...(isProblem(finding) ? [`${' '.repeat(19)}→ ${escapeControls(finding.fix)}`] : []),
  ])
  const count = (level: Finding['level']) => findings.filter((finding) => finding.level === level).length
  const warnings = count('warn')
  return [
    `Checking this application in ${mode} mode.`,
    ...lines,
    `${count('fail')} failed, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}, ${count('ok')} passed.`,
  ].join('\n')
}
