import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createDoctor } from '../../../../lib/cli/doctor/doctor.ts'
import type { DoctorDeps, Finding } from '../../../../lib/cli/doctor/finding.ts'
import { generateKeys } from '../../../../lib/cli/keys.ts'
import { importKeyset } from '../../../../lib/crypto/keyset.ts'
import { AtprotoAuthError } from '../../../../lib/errors.ts'
import { buildClientMetadata } from '../../../../lib/oauth/client-metadata/build.ts'
import { createSecretRow, otherSecretAt } from '../../../../lib/oauth/records/secret-row.ts'
import { createSqliteStore } from '../../../../lib/store/sqlite.ts'
import { startForwardProxy } from '../../../support/unit/forward-proxy.ts'
import { createTerminal, type Files, newApp } from '../../../support/unit/terminal.ts'

const NOW = Date.parse('2026-01-02T03:04:05Z')
const ORIGIN = 'https://app.example.com'
const METADATA = `${ORIGIN}/oauth-client-metadata.json`
const JWKS = `${ORIGIN}/oauth/jwks.json`
const CALLBACK = `${ORIGIN}/oauth/callback`
const HERE = 'http://127.0.0.1:3000'
const CLOCK = 'https://plc.directory/_health'

type Pages = Readonly<
  Record<string, { readonly status?: number; readonly body?: unknown; readonly date?: number }>
>

/** A doctor on a made-up internet; a page that it lacks cannot be reached. */
function doctorAt(pages: Pages, changes: Partial<DoctorDeps> = {}) {
  const fetch: DoctorDeps['fetch'] = async (url) => {
    const page = pages[String(url)]
    if (!page) throw new AtprotoAuthError('network_error', `${new URL(url).origin} could not be reached.`)
    const headers = { 'content-type': 'application/json', date: new Date(page.date ?? NOW).toUTCString() }
    const body = page.status === 204 ? null : JSON.stringify(page.body ?? {})
    return new Response(body, { status: page.status ?? 200, headers })
  }
  return createDoctor({ now: () => NOW, nodeVersion: '24.1.0', fetch, fetchHere: fetch, ...changes })
}

interface Examined {
  readonly code: number
  readonly printed: string
  readonly folder: string
  finding(check: string): Finding | undefined
}

async function examine(
  doctor: ReturnType<typeof createDoctor>,
  {
    files = {},
    env = {},
    mode = 'production',
  }: { files?: Files; env?: Record<string, string>; mode?: string },
): Promise<Examined> {
  const terminal = createTerminal({ files: { ...newApp, ...files }, env })
  const code = await doctor.run(['--json', '--mode', mode], terminal)
  const { findings } = JSON.parse(terminal.printed())
  const finding = (check: string) => findings.find((candidate: Finding) => candidate.check === check)
  return { code, printed: terminal.printed(), folder: terminal.folder, finding }
}

const lines = await generateKeys()
const secrets = parseEnv(lines)
const keyset = await importKeyset(secrets.ATPROTO_CLIENT_KEYS)
const metadata = buildClientMetadata({
  publicUrl: ORIGIN,
  scope: 'atproto',
  metadataPath: '/oauth-client-metadata.json',
  jwksPath: '/oauth/jwks.json',
  callbackPath: '/oauth/callback',
})
const healthy: Pages = {
  [METADATA]: { body: metadata },
  [JWKS]: { body: keyset.publicJwks },
  [CALLBACK]: { status: 204 },
  [CLOCK]: {},
}
const files = { '.env.local': lines, '.env.production': `PUBLIC_URL=${ORIGIN}\nATPROTO_DATA_DIR=data\n` }

describe('doctor', () => {
  it('finds nothing wrong where all is well, and shows no secret', async () => {
    const { code, printed } = await examine(doctorAt(healthy), { files })
    expect(code).toBe(0)
    expect(JSON.parse(printed).findings.map(({ level }: Finding) => level)).toEqual(Array(11).fill('ok'))
    expect(printed).not.toContain(secrets.ATPROTO_SECRET)
    expect(printed).not.toContain('"d"')
  })

  it('needs nothing in development', async () => {
    const { code, finding } = await examine(doctorAt({}), { mode: 'development' })
    expect(code).toBe(0)
    expect(finding('PUBLIC_URL')?.message).toContain('http://127.0.0.1:3000')
  })

  it('names in production all that is missing, at once', async () => {
    const { code, finding } = await examine(doctorAt({}), {})
    expect(code).toBe(1)
    for (const check of ['PUBLIC_URL', 'secret', 'client keys'])
      expect(finding(check)?.level, check).toBe('fail')
  })

  it('prefers the environment to the files, and the more particular file', async () => {
    const more = { ...files, '.env.production.local': 'PUBLIC_URL=https://other.example.com\n' }
    const byFile = await examine(doctorAt({}), { files: more })
    expect(byFile.finding('PUBLIC_URL')?.message).toContain('https://other.example.com')
    const byEnv = await examine(doctorAt({}), {
      files: more,
      env: { PUBLIC_URL: 'https://third.example.com' },
    })
    expect(byEnv.finding('PUBLIC_URL')?.message).toContain('https://third.example.com')
  })

  it.each([
    ['PUBLIC_URL', { PUBLIC_URL: 'http://app.example.com' }],
    ['PUBLIC_URL', { PUBLIC_URL: 'https://10.0.0.1' }],
    ['secret', { ATPROTO_SECRET: 'a'.repeat(64) }],
    ['client keys', { ATPROTO_CLIENT_KEYS: '{"keys":[]}' }],
    ['store', { KV_REST_API_URL: 'https://kv.example.com' }],
    ['store', { VERCEL: '1' }],
  ])('fails %s for %j', async (check, env) => {
    const { code, finding } = await examine(doctorAt(healthy), { files, env })
    expect([code, finding(check)?.level]).toEqual([1, 'fail'])
  })

  it('fails a key whose halves do not belong together', async () => {
    const other = parseEnv(await generateKeys()).ATPROTO_CLIENT_KEYS ?? ''
    const [mine] = JSON.parse(secrets.ATPROTO_CLIENT_KEYS ?? '').keys
    const [theirs] = JSON.parse(other).keys
    const env = { ATPROTO_CLIENT_KEYS: JSON.stringify({ keys: [{ ...mine, d: theirs.d }] }) }
    expect((await examine(doctorAt(healthy), { files, env })).finding('client keys')?.level).toBe('fail')
  })

  it.each(['x', '{"keys":[{"kty":"RSA"}]}', 'RSA'])(
    'does not tell to replace keys that sessions need: %s',
    async (text) => {
      const env = { ATPROTO_CLIENT_KEYS: text }
      const { finding } = await examine(doctorAt(healthy), { files, env })
      expect(finding('client keys')).toMatchObject({
        level: 'fail',
        message: expect.not.stringContaining('next-atproto-auth keys'),
        fix: 'Check whether quotation marks or line breaks were lost. Create new keys only if there are none: sessions need theirs.',
      })
    },
  )

  it('tells how to create keys where there are none', async () => {
    const { finding } = await examine(doctorAt(healthy), { env: { PUBLIC_URL: ORIGIN } })
    expect(finding('client keys')).toMatchObject({
      fix: expect.stringContaining('put the line ATPROTO_CLIENT_KEYS=…'),
    })
  })

  it.each([
    [[], '1 warning,'],
    [['--offline'], '0 warnings,'],
  ])('counts its findings: %j', async (flags, words) => {
    const terminal = createTerminal({ files: { ...newApp, ...files } })
    await doctorAt({ ...healthy, [CLOCK]: { date: NOW - 20_000 } }).run(
      ['--mode', 'production', ...flags],
      terminal,
    )
    expect(terminal.printed()).toContain(words)
  })

  it('X10: fails versions with published holes, and warns of untried ones', async () => {
    const levels = async (next: string, nodeVersion: string) => {
      const app = { 'package.json': JSON.stringify({ dependencies: { next } }) }
      const { finding } = await examine(doctorAt({}, { nodeVersion }), { files: app, mode: 'development' })
      return [finding('Next.js')?.level, finding('Node.js')?.level]
    }
    expect(await levels('15.5.27', '22.12.0')).toEqual(['fail', 'fail'])
    expect(await levels('15.5.28', '22.13.0')).toEqual(['ok', 'ok'])
    expect(await levels('16.4.0', '20.19.0')).toEqual(['fail', 'fail'])
    expect(await levels('16.4.1', '26.0.0')).toEqual(['ok', 'ok'])
    expect(await levels('14.2.35', '24.0.0')).toEqual(['fail', 'ok'])
    expect(await levels('17.0.0', '24.0.0')).toEqual(['warn', 'ok'])
    expect(await levels('latest', '24.0.0')).toEqual(['warn', 'ok'])
    expect(await levels('16.5.0-canary.13', '24.0.0')).toEqual(['fail', 'ok'])
    expect(await levels('16.5.0-canary.14', '24.0.0')).toEqual(['ok', 'ok'])
    expect(await levels('16.6.0-canary.0', '24.0.0')).toEqual(['ok', 'ok'])
    expect(await levels('16.1.0-canary.3', '22.14.0-nightly20250101')).toEqual(['fail', 'ok'])
  })
})

describe('the problems that doctor finds', () => {
  const { jwks_uri: _, token_endpoint_auth_signing_alg: _alg, ...rest } = metadata
  const withoutKeys = { ...rest, token_endpoint_auth_method: 'none' }
  const timeless = doctorAt(healthy, {
    fetch: async () => new Response('{}', { headers: { 'content-type': 'application/json' } }),
  })
  const down = 'redis://127.0.0.1:1'
  it.each([
    ['store', doctorAt(healthy), { REDIS_URL: down }, 'fail', /^Check that Redis is running.*REDIS_URL/],
    ['store', doctorAt(healthy), { REDIS_URL: 'http://x' }, 'fail', /REDIS_URL/],
    [
      'store',
      doctorAt(healthy),
      { KV_REST_API_URL: 'https://127.0.0.1:1', KV_REST_API_TOKEN: 'x' },
      'fail',
      /KV_REST_API_TOKEN/,
    ],
    ['store', doctorAt(healthy), { VERCEL: '1' }, 'fail', /pass a store/],
    [
      'store',
      doctorAt(healthy),
      { ATPROTO_DATA_DIR: 'package.json/data' },
      'fail',
      /ATPROTO_DATA_DIR.*folder/,
    ],
    [
      'metadata',
      doctorAt({ ...healthy, [METADATA]: { body: withoutKeys } }),
      {},
      'warn',
      /handlers\.clientMetadata/,
    ],
    ['clock', timeless, {}, 'warn', /firewall|proxy/],
    [
      'PUBLIC_URL',
      doctorAt(healthy),
      { PUBLIC_URL: 'http://x.dev' },
      'fail',
      /^Set PUBLIC_URL to the https origin/,
    ],
    [
      'PUBLIC_URL',
      doctorAt(healthy),
      { PUBLIC_URL: 'http://localhost:3000' },
      'fail',
      /^Use http:\/\/127\.0\.0\.1:3000, or/,
    ],
    [
      'secret',
      doctorAt(healthy),
      { ATPROTO_SECRET: 'short' },
      'fail',
      /"npx next-atproto-auth keys", and put the line ATPROTO_SECRET=/,
    ],
    [
      'client keys',
      doctorAt(healthy),
      { ATPROTO_CLIENT_KEYS: 'x' },
      'fail',
      /^Check whether quotation marks/,
    ],
  ] as const)('has a fix: %s (%#)', async (check, doctor, env, level, fix) => {
    const { finding } = await examine(doctor, { files, env })
    expect(finding(check)).toMatchObject({ level, fix: expect.stringMatching(fix) })
  })

  it('has a fix in every case, as the types demand', async () => {
    const bare = await examine(doctorAt({}, { nodeVersion: '18.0.0' }), { env: { VERCEL: '1' } })
    const findings: Finding[] = JSON.parse(bare.printed).findings
    const problems = findings.filter(({ level }) => level !== 'ok')
    expect(problems.length).toBeGreaterThan(4)
    expect(problems.filter((problem) => !('fix' in problem && problem.fix))).toEqual([])
  })
})

describe('what doctor fetches', () => {
  it.each([
    [401, 'Deployment Protection'],
    [404, 'init'],
    [308, 'follow no redirect'],
    [500, 'log'],
  ])('explains a status of %i', async (status, words) => {
    const pages = { ...healthy, [METADATA]: { status } }
    const { code, finding } = await examine(doctorAt(pages), { files })
    expect([code, finding('metadata')?.level]).toEqual([1, 'fail'])
    expect(finding('metadata')).toMatchObject({ fix: expect.stringContaining(words) })
  })

  it('X14: fails metadata of another client_id', async () => {
    const body = { ...metadata, client_id: 'https://evil.example.com/oauth-client-metadata.json' }
    const { finding } = await examine(doctorAt({ ...healthy, [METADATA]: { body } }), { files })
    expect(finding('metadata')?.level).toBe('fail')
  })

  it('X14: fails a private key in the published ones, without showing it', async () => {
    const { keys } = keyset.publicJwks
    const body = { keys: keys.map((key) => ({ ...key, d: 'canary' })) }
    const { finding, printed } = await examine(doctorAt({ ...healthy, [JWKS]: { body } }), { files })
    expect(finding('public keys')).toMatchObject({ level: 'fail', fix: expect.stringContaining('rotate') })
    expect(printed).not.toContain('canary')
  })

  it('fails when the running application has other keys than the environment', async () => {
    const { finding } = await examine(doctorAt({ ...healthy, [JWKS]: { body: { keys: [] } } }), { files })
    expect(finding('public keys')?.message).toContain(keyset.active.kid)
  })

  it.each([
    [0, 'ok'],
    [20, 'warn'],
    [-20, 'warn'],
    [90, 'fail'],
    [-90, 'fail'],
  ])('judges a clock that is %i s off: %s', async (offset, level) => {
    const pages = { ...healthy, [CLOCK]: { date: NOW - offset * 1000 } }
    expect((await examine(doctorAt(pages), { files })).finding('clock')?.level).toBe(level)
  })

  it.each([
    [
      404,
      /^Check the folders of the routes: .*app\/oauth\/\[\.\.\.atproto\]\/route\.ts, or app\/oauth\/callback\/route\.ts/,
    ],
    [200, /^Check the folders/],
    [307, /middleware/],
    [500, /log of the application/],
  ])('fails a callback that answers with status %i', async (status, fix) => {
    const { code, finding } = await examine(doctorAt({ ...healthy, [CALLBACK]: { status } }), { files })
    expect([code, finding('callback')]).toEqual([
      1,
      {
        check: 'callback',
        level: 'fail',
        message: expect.stringContaining(`${CALLBACK} answers with status ${status}`),
        fix: expect.stringMatching(fix),
      },
    ])
  })

  it('asks for the callback below the basePath of the metadata', async () => {
    const uri = `${ORIGIN}/login/callback`
    const body = { ...metadata, redirect_uris: [uri] }
    const pages = { ...healthy, [METADATA]: { body }, [uri]: { status: 204 } }
    expect((await examine(doctorAt(pages), { files })).finding('callback')).toMatchObject({
      level: 'ok',
      message: uri,
    })
  })

  it('asks an application that runs on this machine for its callback, in development', async () => {
    const own = {
      [`${HERE}/oauth-client-metadata.json`]: { body: { redirect_uris: [`${HERE}/a/callback`] } },
    }
    const levelOf = async (pages: Pages) =>
      (await examine(doctorAt(pages), { mode: 'development' })).finding('callback')
    expect(await levelOf({ ...own, [`${HERE}/a/callback`]: { status: 204 } })).toMatchObject({ level: 'ok' })
    expect(await levelOf({ ...own, [`${HERE}/a/callback`]: { status: 404 } })).toMatchObject({
      level: 'fail',
    })
    const elsewhere = {
      [`${HERE}/oauth-client-metadata.json`]: { body: { redirect_uris: ['http://127.0.0.1:9/x'] } },
    }
    const found = await levelOf({ ...elsewhere, [`${HERE}/oauth/callback`]: { status: 204 } })
    expect(found).toMatchObject({ level: 'ok', message: `${HERE}/oauth/callback` })
    // The metadata route is missing too.
    expect(await levelOf({ [`${HERE}/oauth/callback`]: { status: 404 } })).toMatchObject({ level: 'fail' })
    expect(await levelOf({})).toEqual({
      check: 'callback',
      level: 'note',
      message: `was not checked: nothing answers at ${HERE}. Run this again while the application runs`,
    })
  })

  it('goes on when nothing can be reached', async () => {
    const { code, finding } = await examine(doctorAt({}), { files })
    expect([code, finding('metadata')?.level, finding('clock')?.level]).toEqual([1, 'fail', 'warn'])
    expect(finding('store')?.level).toBe('ok')
  })

  it.each([
    [{ HTTPS_PROXY: 'http://proxy:3128' }, /^HTTPS_PROXY is set: .* add --http-proxy "\$HTTPS_PROXY"\. /],
    [{ https_proxy: 'http://proxy:3128' }, /^https_proxy is set: .* add --http-proxy "\$https_proxy"\. /],
    [{}, /^(Check that the app|Sign-in needs)/],
  ])('names a proxy of the environment when nothing can be reached: %j', async (env, fix) => {
    const { finding } = await examine(doctorAt({}), { files, env })
    for (const check of ['metadata', 'clock'])
      expect(finding(check)).toMatchObject({ fix: expect.stringMatching(fix) })
  })

  it('asks through the proxy that it is told, and names the option when that refuses', async () => {
    const refusal = 'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'
    const proxy = await startForwardProxy({ answer: (client) => client.end(refusal) })
    const terminal = createTerminal({ files: { ...newApp, ...files }, env: { HTTPS_PROXY: 'http://x' } })
    const address = `http://127.0.0.1:${proxy.port}`
    const flags = ['--mode', 'production', '--http-proxy', `http://user:canary@127.0.0.1:${proxy.port}`]
    expect(await doctorAt(healthy).run(flags, terminal)).toBe(1)
    expect(proxy.heads.map((head) => head.split(' ')[1])).toEqual([
      'app.example.com:443',
      'plc.directory:443',
    ])
    expect(terminal.printed()).toContain(
      `The proxy ${address} rejects the credentials of --http-proxy, or requires some (407).`,
    )
    expect(terminal.printed()).not.toMatch(/canary|HTTPS_PROXY/)
  })

  it('takes no malformed proxy', async () => {
    const terminal = createTerminal({ files: newApp })
    expect(await terminal.run('doctor', '--http-proxy', 'proxy:3128')).toBe(2)
    expect(terminal.printedErrors()).toMatch(
      /^--http-proxy must be the http or https address of a proxy, such/,
    )
  })

  it('asks nobody when it is told so', async () => {
    const terminal = createTerminal({ files: { ...newApp, ...files } })
    const code = await doctorAt({}).run(['--offline', '--mode', 'production'], terminal)
    expect(code).toBe(0)
    expect(terminal.printed()).not.toContain('metadata')
  })
})

describe('the store that doctor tries', () => {
  it('is the file of the application, made private and ignored by git', async () => {
    const { folder } = await examine(doctorAt({}), { env: { ATPROTO_DATA_DIR: 'data' }, mode: 'development' })
    expect(existsSync(join(folder, 'data/sessions.sqlite'))).toBe(true)
    expect(existsSync(join(folder, 'data/.gitignore'))).toBe(true)
  })

  it('is not said to be well in development where no application has made the file, nor made by the check', async () => {
    const doctor = doctorAt({})
    const terminal = createTerminal({ files: newApp })
    for (const time of ['first', 'second']) {
      await doctor.run(['--mode', 'development'], terminal)
      expect(terminal.printed(), time).toContain(
        `note  store        SQLite, the default of development, works in ${terminal.folder}/.atproto-auth; no application has ` +
          'stored anything there yet. A store that createAtprotoAuth() is given is not checked',
      )
      expect(readdirSync(join(terminal.folder, '.atproto-auth')), time).toEqual(['.gitignore'])
    }
    // Node.js, Next.js, PUBLIC_URL, secret, keys, metadata.
    expect(terminal.printed()).toContain('0 failed, 1 warning, 6 passed.')
  })

  it('is named with its path', async () => {
    const { finding, folder } = await examine(doctorAt({}), { env: { ATPROTO_DATA_DIR: 'data' } })
    expect(finding('store')).toEqual({
      check: 'store',
      level: 'ok',
      message: `SQLite stores and returns values correctly in ${folder}/data/sessions.sqlite`,
    })
  })

  it('is a warning in production when no place was chosen', async () => {
    const env = { DATABASE_URL: 'postgres://user:canary@h/db' }
    const { finding, folder, printed, code } = await examine(doctorAt(healthy), {
      files: { ...files, '.env.production': `PUBLIC_URL=${ORIGIN}\n` },
      env,
    })
    expect([code, finding('store')]).toEqual([
      0,
      {
        check: 'store',
        level: 'warn',
        message: `SQLite stores and returns values correctly in ${folder}/.atproto-auth/sessions.sqlite, the default, because no store is set`,
        fix: 'If createAtprotoAuth() is given a store, that one is used and not checked here: for PostgreSQL, run this with ATPROTO_DATABASE_URL. Otherwise set ATPROTO_DATA_DIR to a folder on a persistent disk, REDIS_URL, ATPROTO_DATABASE_URL, or the option store: in a standalone build, the default is inside .next, and the next build deletes it. DATABASE_URL is set, but the library does not use it by itself: set ATPROTO_DATABASE_URL, or pass createPostgresStore().',
      },
    ])
    expect(printed).not.toContain('canary')
  })

  it('is no warning in development', async () => {
    const used = { '.atproto-auth/sessions.sqlite': '' }
    const { finding, folder } = await examine(doctorAt({}), { mode: 'development', files: used })
    expect(finding('store')).toMatchObject({
      level: 'ok',
      message: expect.stringContaining(
        `${folder}/.atproto-auth/sessions.sqlite. A store that createAtprotoAuth() is given is not checked`,
      ),
    })
  })

  it('fails when it cannot be reached, without showing its password', async () => {
    const env = { REDIS_URL: 'redis://user:canary@127.0.0.1:1' }
    const { finding, printed } = await examine(doctorAt({}), { env, mode: 'development' })
    expect(finding('store')?.level).toBe('fail')
    expect(printed).not.toContain('canary')
  })

  it('fails when its folder cannot be made', async () => {
    const env = { ATPROTO_DATA_DIR: 'package.json/data' }
    const { finding } = await examine(doctorAt({}), { env, mode: 'development' })
    expect(finding('store')).toMatchObject({
      level: 'fail',
      message: expect.stringContaining('ATPROTO_DATA_DIR'),
    })
  })
})

describe('the secret that the store was used with', () => {
  const other = 'Qw8!nR3@vB6#mK1$zX9%cL4^tJ7&hG2*'
  const present = secrets.ATPROTO_SECRET ?? ''

  /** What doctor finds after an application at that address has noted that secret in a store. */
  async function findAfter(used: string | undefined, env: Record<string, string> = {}, publicUrl = ORIGIN) {
    const folder = mkdtempSync(join(tmpdir(), 'doctor-store-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const store = createSqliteStore({ path: join(folder, 'sessions.sqlite') })
    const row = (secret: string) => createSecretRow({ store, secrets: [secret], publicUrl, now: Date.now })
    if (used !== undefined) await row(used).write(60_000)
    const examined = await examine(doctorAt(healthy), { files, env: { ATPROTO_DATA_DIR: folder, ...env } })
    const use = used === undefined ? undefined : await row(used).read()
    await store.close()
    return { ...examined, use }
  }

  it('is another one: warns with the words of the log, and changes nothing', async () => {
    const { code, finding, printed, use } = await findAfter(other)
    expect([code, finding('sessions'), use]).toEqual([
      0,
      { check: 'sessions', level: 'warn', ...otherSecretAt(ORIGIN) },
      'fresh',
    ])
    expect(printed).not.toContain(present)
  })

  it.each([
    ['the present one', present, {}],
    ['an older one that is configured', other, { ATPROTO_SECRET: `${present},${other}` }],
  ])('is %s: all is well', async (_, used, env) => {
    const message = `the last sign-ins at ${ORIGIN} used a secret that is configured`
    const { finding } = await findAfter(used, env)
    expect(finding('sessions')).toEqual({ check: 'sessions', level: 'ok', message })
  })

  it.each([
    ['no sign-in has noted one', undefined, ORIGIN],
    ['only another application has', other, 'https://preview.example.com'],
  ])('is not known: %s', async (_, used, publicUrl) => {
    const message = `no sign-in at ${ORIGIN} has noted its secret in this store yet`
    const { finding } = await findAfter(used, {}, publicUrl)
    expect(finding('sessions')).toEqual({ check: 'sessions', level: 'ok', message })
  })

  it.each([
    ['on a loopback address', { PUBLIC_URL: 'http://127.0.0.1:3000' }],
    ['without a usable secret', { ATPROTO_SECRET: 'short' }],
    ['without a usable address', { PUBLIC_URL: 'http://x.dev' }],
    ['without a store', { REDIS_URL: 'redis://127.0.0.1:1' }],
  ])('is not looked for %s', async (_, env) => {
    expect((await findAfter(other, env)).finding('sessions')).toBeUndefined()
  })
})
