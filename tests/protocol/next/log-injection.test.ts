/**
 * What other servers, visitors and errors of the application write is text wherever it is shown: it makes no line of its
 * own, controls no terminal, turns no text round, and brings no secret along.
 */
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { AtprotoAuthOptions } from '../../../lib/next/config/options.ts'
import type { OAuthClient } from '../../../lib/oauth/client.ts'
import { createNextApp, type Visitor } from '../../support/protocol/next-app.ts'
import { createScriptedClient, signIn } from '../../support/protocol/scripted-client.ts'
import { alice, type ScriptedNetwork, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { recordLog } from '../../support/record-log.ts'

const FORGED = '[next-atproto-auth] forged'
const attack = `a\u009b31m\u202eb\u2028c\u007fd\u001b]0;owned\u0007\r\n${FORGED}\u2066`
/** Of those, what a header may hold. */
const attackInHeader = 'text/\u009b31m\u0085html'
const jwt = `eyJhbGciOiJFUzI1NiJ9.${'canary'.repeat(20)}.${'s'.repeat(86)}`
const dangerous = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

type Attempt = (visitor: Visitor, network: ScriptedNetwork) => Promise<unknown>
type Refusal = Readonly<Record<string, unknown>>

/** A browser that comes back with that. */
const comesBackWith =
  (params: Readonly<Record<string, string>>): Attempt =>
  async (visitor, { home }) => {
    const begun = await visitor.post('/oauth/login', { identifier: alice.handle })
    const callback = home.as.fail(new URL(begun.headers.get('location') ?? ''), 'x')
    for (const [name, value] of Object.entries(params)) callback.searchParams.set(name, value)
    return visitor.get(callback.pathname + callback.search)
  }

const refusedAt =
  (path: string, json: Refusal): Attempt =>
  async (visitor, { home }) => {
    home.as.answer(path, { status: 400, json })
    return visitor.signIn(alice).catch(() => undefined)
  }

/** The hook of these applications calls the PDS, which answers so. */
const calledInVain =
  (refusal: (accessToken: string) => Refusal): Attempt =>
  (visitor, { home }) => {
    home.pds.answer('/xrpc/a.b.c', ({ accessToken = '' }) => ({ status: 400, json: refusal(accessToken) }))
    return visitor.signIn(alice)
  }

const attempts: Readonly<Record<string, Attempt>> = {
  'error and error_description at the callback': comesBackWith({ error: attack, error_description: attack }),
  'a token as the error at the callback': comesBackWith({
    error: jwt,
    error_description: `${jwt} ${attack}`,
  }),
  'a parameter that is there twice': (visitor) =>
    visitor.get(
      `/oauth/callback?${new URLSearchParams([
        ['x', attack],
        ['x', jwt],
        [attack, 'y'],
      ])}`,
    ),
  'error and error_description at PAR': refusedAt('/oauth/par', { error: attack, error_description: attack }),
  'a token as the error at PAR': refusedAt('/oauth/par', { error: jwt, error_description: `${jwt} x` }),
  'error and error_description of the token endpoint': refusedAt('/oauth/token', {
    error: 'invalid_request',
    error_description: `${attack} ${jwt}`,
  }),
  'the content type of a document': (visitor, { home }) => {
    const headers = { 'content-type': attackInHeader }
    home.pds.answer('/.well-known/oauth-protected-resource', { headers, body: '<p>' })
    return visitor.post('/oauth/login', { identifier: alice.handle })
  },
  'a token as the content type of a document': (visitor, { home }) => {
    const headers = { 'content-type': `text/${jwt}` }
    home.pds.answer('/.well-known/oauth-protected-resource', { headers, body: '<p>' })
    return visitor.post('/oauth/login', { identifier: alice.handle })
  },
  'a scope that a visitor asks for': (visitor) =>
    visitor.post('/oauth/login', {
      identifier: alice.handle,
      scope: `atproto ${attack.replaceAll(' ', '')}`,
    }),
  'an identifier': (visitor) => visitor.post('/oauth/login', { identifier: attack + jwt }),
  'error and message of a PDS': calledInVain(() => ({ error: attack, message: `${attack} ${jwt}` })),
  'the access token as the error of a PDS': calledInVain((token) => ({ error: token })),
  'the access token as the message of a PDS': calledInVain((token) => ({
    error: 'X',
    message: `Bad ${token}`,
  })),
}

interface Shown {
  readonly lines: readonly string[]
  readonly errors: readonly unknown[]
  readonly accessToken: string
}

async function shownBy(attempt: Attempt, options: AtprotoAuthOptions): Promise<Shown> {
  await using network = await startScriptedNetwork()
  const lines = recordLog()
  const errors: unknown[] = []
  const { visit } = createNextApp(network, {
    onError: ({ error }) => errors.push(error),
    onSignIn: ({ session }) => session.get('a.b.c'),
    ...options,
  })
  await attempt(visit(), network)
  const accessToken = network.requests.find((request) => request.accessToken)?.accessToken ?? 'none'
  return { lines: lines.map(String), errors, accessToken }
}

function expectHarmless(text: string, accessToken: string): void {
  expect(text).not.toMatch(dangerous)
  expect(text).not.toContain(accessToken)
  expect(text).not.toContain('canarycanary')
}

describe('SF-6 log injection', () => {
  it.each(Object.entries(attempts))('on the console is text: %s', async (_, attempt) => {
    const { lines, accessToken } = await shownBy(attempt, {})
    expect(lines.length).toBeGreaterThan(0)
    for (const line of lines) {
      expectHarmless(line, accessToken)
      expect(line).not.toMatch(/^\[next-atproto-auth\] forged/)
    }
  })

  it.each(Object.entries(attempts))('in a logger of the application is text: %s', async (_, attempt) => {
    const told: string[] = []
    const take = (line: string) => void told.push(line)
    const { accessToken } = await shownBy(attempt, { logger: { warn: take, error: take } })
    expect(told.length).toBeGreaterThan(0)
    for (const line of told) expectHarmless(line, accessToken)
  })

  it.each(Object.entries(attempts))(
    'is harmless in the error itself, printed or as JSON: %s',
    async (_, attempt) => {
      const { errors, accessToken } = await shownBy(attempt, {})
      expect(errors.length).toBeGreaterThan(0)
      for (const error of errors) {
        const printed = inspect(error, { depth: 9 }).replaceAll('\n', ' ')
        expectHarmless(printed, accessToken)
        expectHarmless(JSON.stringify(error), accessToken)
      }
    },
  )

  it('is text in an error that a hook throws, whose stack has lines of its own', async () => {
    const onSignIn = () => {
      throw new Error(`${attack}\n    at forged (/x.js:1:1) ${jwt}`)
    }
    const { lines } = await shownBy((visitor) => visitor.signIn(alice), { onSignIn })
    const [line = ''] = lines.filter((text) => text.includes('A hook threw: Error: a\\u009b31m'))
    const [first = '', ...frames] = line.split('\n')
    expectHarmless(first, 'none')
    expect(frames.length).toBeGreaterThan(0)
    expect(frames.filter((frame) => !/^ +at /.test(frame) || dangerous.test(frame))).toEqual([])
    expect(frames.join()).not.toContain('forged')
  })
})

describe('SF-6 a warning of a client without Next.js', () => {
  async function warnedOf(onWarning?: (message: string) => void): Promise<readonly string[]> {
    await using network = await startScriptedNetwork()
    const lines = recordLog()
    const onUpdate = () => {
      throw Object.assign(new Error('x'), { name: `${attack} ${jwt}` })
    }
    const client: OAuthClient = createScriptedClient(network, { onUpdate, ...(onWarning && { onWarning }) })
    await signIn(network, client)
    return lines.map(String)
  }

  it('is text on the console', async () => {
    const lines = await warnedOf()
    expect(lines).toEqual([expect.stringContaining('onUpdate threw a\\u009b31m')])
    for (const line of lines) expectHarmless(line, 'none')
  })

  it('is text in onWarning', async () => {
    const told: string[] = []
    await warnedOf((message) => void told.push(message))
    expect(told).toEqual([expect.stringContaining('onUpdate threw a\\u009b31m')])
    for (const line of told) expectHarmless(line, 'none')
  })
})
