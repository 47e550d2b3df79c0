/** What servers say to the command line is text in its terminal: on both outputs, and in the terms of a JSON parser. */
import { createServer, type RequestListener } from 'node:http'
import { expect, it, onTestFinished } from 'vitest'
import { createDoctor } from '../../../lib/cli/doctor/doctor.ts'
import { generatePrivateJwk } from '../../../lib/crypto/keyset.ts'
import { createGuardedFetch, type GuardedFetch } from '../../../lib/net/guarded-fetch.ts'
import { buildClientMetadata } from '../../../lib/oauth/client-metadata/build.ts'
import { closeServer, listenOnLoopback, portOf } from '../../support/network/loopback-server.ts'
import { alice, type ScriptedNetwork, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { createTerminal, newApp, type TestTerminal } from '../../support/unit/terminal.ts'

const FORGED = 'Signed in as mallory.'
const attack = `a\u009b31m\u202eb\u2028c\u007fd\u001b]0;owned\u0007\r\n${FORGED}\u2066`
const jwt = `eyJhbGciOiJFUzI1NiJ9.${'canary'.repeat(20)}.${'s'.repeat(86)}`
const dangerous = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u
const refusal = {
  status: 400,
  json: { error: attack, error_description: `${attack} ${jwt}`, message: `${attack} ${jwt}` },
}

function networkFlags({ plc, resolver }: ScriptedNetwork): readonly string[] {
  return ['--allow-http', '--plc-directory', plc.origin, '--handle-resolver', resolver.origin]
}

async function begin(network: ScriptedNetwork, terminal: TestTerminal): Promise<URL> {
  expect(await terminal.run('login', alice.handle, '--two-phase', ...networkFlags(network))).toBe(0)
  return new URL(terminal.printed().trim())
}

function expectHarmless(terminal: TestTerminal, secret = 'canarycanary'): void {
  const shown = terminal.printed() + terminal.printedErrors()
  expect(shown).not.toMatch(dangerous)
  expect(shown).not.toContain(secret)
  expect(shown).not.toContain('canarycanary')
  expect(shown.split('\n').filter((line) => line.startsWith(FORGED))).toEqual([])
}

it('SF-6 of an authorization server that refuses the request', async () => {
  await using network = await startScriptedNetwork({ hasRealClock: true })
  network.home.as.answer('/oauth/par', refusal)
  const terminal = createTerminal()
  expect(await terminal.run('login', alice.handle, '--two-phase', ...networkFlags(network))).toBe(1)
  expect(terminal.printedErrors()).toMatch(/answered 400.* description=".*\[oauth_error\]\n$/)
  expectHarmless(terminal)
})

it('SF-6 of the address that a browser came back to, with the reason of the server and without "try again"', async () => {
  await using network = await startScriptedNetwork({ hasRealClock: true })
  const terminal = createTerminal()
  const back = network.home.as.fail(await begin(network, terminal), 'access_denied')
  back.searchParams.set('error_description', `${attack} ${jwt}`)
  expect(await terminal.run('complete', back.href)).toBe(1)
  expect(terminal.printedErrors()).toContain('error=access_denied description="a31mb cd]0;owned')
  expect(terminal.printedErrors()).toMatch(
    /It was cancelled, or the server refused it\. \[access_denied\]\n$/,
  )
  expectHarmless(terminal)
})

it('SF-6 of a PDS that refuses a call, also with the access token', async () => {
  await using network = await startScriptedNetwork({ hasRealClock: true })
  const terminal = createTerminal()
  const back = network.home.as.approve(await begin(network, terminal), alice.did)
  expect(await terminal.run('complete', back.href)).toBe(0)
  let token = ''
  network.home.pds.answer('/xrpc/a.b.c', ({ accessToken = '' }) => {
    token = accessToken
    return { status: 400, json: { error: token, message: `${attack} ${jwt} ${token}` } }
  })
  expect(await terminal.run('get', 'a.b.c')).toBe(1)
  expect(terminal.printedErrors()).toContain('a.b.c was answered with 400')
  expectHarmless(terminal, token)
})

it('SF-6 of a result: the same value for a parser, and nothing that a terminal acts on', async () => {
  await using network = await startScriptedNetwork({ hasRealClock: true })
  const terminal = createTerminal()
  const back = network.home.as.approve(await begin(network, terminal), alice.did)
  await terminal.run('complete', back.href)
  network.home.pds.answer('/xrpc/a.b.c', { json: { text: attack } })
  const before = terminal.printed().length
  expect(await terminal.run('get', 'a.b.c')).toBe(0)
  expect(JSON.parse(terminal.printed().slice(before))).toEqual({ text: attack })
  expectHarmless(terminal)
})

it.each([[[]], [['--json']]])('SF-6 of the own application, in what doctor prints %j', async (flags) => {
  const origin = 'https://app.example.com'
  const metadata = buildClientMetadata({
    publicUrl: origin,
    scope: 'atproto',
    metadataPath: '/oauth-client-metadata.json',
    jwksPath: '/oauth/jwks.json',
    callbackPath: '/oauth/callback',
  })
  const listener: RequestListener = ({ url }, response) => {
    const isMetadata = url === '/oauth-client-metadata.json'
    response.setHeader('content-type', isMetadata ? 'application/json' : `text/\u009b31m\u0085 ${jwt}`)
    response.end(isMetadata ? JSON.stringify(metadata) : '<p>')
  }
  const server = await listenOnLoopback(0, createServer(listener))
  onTestFinished(() => closeServer(server))
  const guarded = createGuardedFetch({ localNetwork: {} })
  const fetch: GuardedFetch = (url, request) =>
    guarded(new URL(new URL(url).pathname, `http://127.0.0.1:${portOf(server)}`), request)
  const doctor = createDoctor({ fetch, fetchHere: fetch, now: Date.now, nodeVersion: process.versions.node })
  const key = { ...(await generatePrivateJwk()), kid: attack }
  const env = {
    PUBLIC_URL: origin,
    ATPROTO_SECRET: attack.repeat(3),
    ATPROTO_CLIENT_KEYS: JSON.stringify({ keys: [key] }),
  }
  const terminal = createTerminal({ files: newApp, env })
  await doctor.run([...flags, '--mode', 'production'], terminal)
  expect(terminal.printed()).toContain('instead of JSON')
  expect(terminal.printed()).toContain('one key; a\\u009b31m')
  expectHarmless(terminal)
})
