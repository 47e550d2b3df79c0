/** What the log says of failures, as docs/operations.md shows it: each line is made by a real failure here. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import type { AtprotoAuthOptions } from '../../../lib/next/config/options.ts'
import { createRedisStore } from '../../../lib/store/redis.ts'
import { closeServer, listenOnLoopback, portOf } from '../../support/network/loopback-server.ts'
import { createNextApp, type Visitor } from '../../support/protocol/next-app.ts'
import { alice, type ScriptedNetwork, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import type { Answer } from '../../support/protocol/scripted-server.ts'
import { recordLog } from '../../support/record-log.ts'
import { startForwardProxy } from '../../support/unit/forward-proxy.ts'

const PAGE = join(import.meta.dirname, '../../../docs/operations.md')
const BLOCK = /(<!-- Made by tests[^>]*-->\n\n```text\n)([^`]*)(?=```)/
const RESOURCE = '/.well-known/oauth-protected-resource'
const PROFILE = '/xrpc/app.bsky.actor.getProfile'

const PROXY_REFUSAL = 'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'

interface Failure {
  /** Makes the network fail; the address of a PDS that is not part of it. */
  readonly prepare?: (network: ScriptedNetwork) => unknown
  readonly identifier?: string
  readonly options?: AtprotoAuthOptions
  /** How a proxy answers, through which the requests to other machines leave. */
  readonly proxyAnswers?: string
  /** What the browser comes back with, instead of a code. */
  readonly comesBackWith?: Readonly<Record<string, string>>
}

const refusal = (status: number, error: string, error_description: string): Answer => ({
  status,
  json: { error, error_description },
})

const failures: readonly Failure[] = [
  { prepare: ({ home }) => home.pds.close() },
  { prepare: (network) => network.move(alice, 'https://pds.invalid') },
  { prepare: async (network) => network.move(alice, await startSelfSigned()) },
  { prepare: ({ home }) => home.pds.answer('*', { drop: true }) },
  { prepare: (network) => network.move(alice, 'https://10.0.0.1') },
  {
    prepare: ({ home }) =>
      home.pds.answer(RESOURCE, { headers: { 'content-type': 'text/html' }, body: '<p>' }),
  },
  { prepare: (network) => network.move(alice, 'https://pds.host.dev'), proxyAnswers: PROXY_REFUSAL },
  { identifier: 'nobody.test' },
  {
    prepare: ({ home }) =>
      home.as.answer(
        '/oauth/par',
        refusal(
          400,
          'invalid_client_metadata',
          'Unable to obtain client metadata for "https://app.example.com/x"',
        ),
      ),
  },
  {
    prepare: ({ home }) =>
      home.as.answer('/oauth/par', refusal(400, 'invalid_scope', 'Unsupported scope identity:handle')),
  },
  { prepare: ({ home }) => home.as.answer('/oauth/par', { status: 503, body: 'Down for maintenance' }) },
  {
    comesBackWith: {
      error: 'access_denied',
      error_description: 'This account has been deactivated',
    },
  },
  { comesBackWith: { error: 'server_error' } },
  {
    prepare: ({ home }) => home.as.answer('/oauth/token', refusal(400, 'invalid_grant', 'Code expired')),
    comesBackWith: {},
  },
  {
    prepare: ({ home }) =>
      home.pds.answer(PROFILE, {
        status: 502,
        json: { error: 'UpstreamFailure', message: 'Upstream timed out' },
      }),
    options: { onSignIn: ({ session }) => session.get('app.bsky.actor.getProfile') },
    comesBackWith: {},
  },
  { options: { store: createRedisStore({ url: 'redis://127.0.0.1:1' }) } },
]

it('is what the documentation shows', async () => {
  const lines = recordLog()
  const shown: string[] = []
  for (const failure of failures) {
    await using network = await startScriptedNetwork()
    lines.length = 0
    await fail(failure, network)
    shown.push(...linesFor(lines, network))
  }
  const page = await readFile(PAGE, 'utf8')
  if (process.env.UPDATE_DOCS)
    await writeFile(
      PAGE,
      page.replace(BLOCK, (_, before) => `${before}${shown.join('\n')}\n`),
    )
  const [, , block = ''] = BLOCK.exec(await readFile(PAGE, 'utf8')) ?? []
  expect(block.trimEnd().split('\n')).toEqual(shown)
})

async function fail(
  { prepare, options, identifier = alice.handle, comesBackWith, proxyAnswers }: Failure,
  network: ScriptedNetwork,
) {
  await prepare?.(network)
  const proxy = proxyAnswers && (await startForwardProxy({ answer: (client) => client.end(proxyAnswers) }))
  const address = proxy ? `http://127.0.0.1:${proxy.port}` : undefined
  const visitor = createNextApp(network, { proxy: address, ...options }).visit()
  const begun = await visitor.post('/oauth/login', { identifier })
  if (comesBackWith)
    await comeBack(visitor, new URL(begun.headers.get('location') ?? ''), { network, comesBackWith })
}

interface ComingBack {
  readonly network: ScriptedNetwork
  readonly comesBackWith: Readonly<Record<string, string>>
}

async function comeBack(visitor: Visitor, url: URL, { network, comesBackWith }: ComingBack) {
  const callback = network.home.as.approve(url, alice.did)
  if (comesBackWith.error !== undefined) callback.searchParams.delete('code')
  for (const [name, value] of Object.entries(comesBackWith)) callback.searchParams.set(name, value)
  await visitor.get(callback.pathname + callback.search)
}

/** The lines about the failure, with names instead of addresses and without what warnings add. */
function linesFor(lines: readonly unknown[], { home, plc }: ScriptedNetwork): readonly string[] {
  const names: readonly (readonly [string | RegExp, string])[] = [
    ['[next-atproto-auth] ', ''],
    [home.as.origin, 'https://auth.example.com'],
    [home.pds.origin, 'https://pds.example.com'],
    [plc.origin, 'https://plc.directory'],
    [/https:\/\/(pds\.invalid|127\.0\.0\.1:\d+)/g, 'https://pds.example.com'],
    ['https://pds.host.dev', 'https://pds.example.com'],
    ['127.0.0.1:1 ', 'redis.internal:6379 '],
    [/The proxy http:\/\/127\.0\.0\.1:\d+/g, 'The proxy http://proxy.internal:3128'],
    ['did:plc:aaaaaaaaaaaaaaaaaaaaaaaa', 'did:plc:…'],
    [/(alice|nobody)\.test/g, '$1.example.com'],
    [/\breference=[2-9A-HJ-NP-Z]{8}\)$/g, 'reference=7K3QX9MP)'],
    // What a machine without a network says of such a name.
    ['EAI_AGAIN', 'ENOTFOUND'],
  ]
  return lines
    .map((line) => names.reduce((text, [from, to]) => text.replaceAll(from, to), `${line}`))
    .filter((line) => /^(Sign-in|A request|A hook) /.test(line))
}

async function startSelfSigned(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'self-signed-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', 'key.pem']
  const certificate = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-out', 'cert.pem']
  await promisify(execFile)('openssl', ['req', '-x509', ...newKey, ...certificate], { cwd: folder })
  const [key, cert] = await Promise.all(
    ['key.pem', 'cert.pem'].map((name) => readFile(join(folder, name), 'utf8')),
  )
  const server = await listenOnLoopback(0, createServer({ cert, key }))
  onTestFinished(() => closeServer(server))
  return `https://127.0.0.1:${portOf(server)}`
}
