/** A proxy that is away, refuses, or answers CONNECT with odd things: nothing was sent, and no error shows credentials. */
import type { Socket } from 'node:net'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createGuardedFetch, type GuardedFetchOptions } from '../../../lib/net/guarded-fetch.ts'
import { findFreePort } from '../../support/network/free-port.ts'
import { refusalOf } from '../../support/refusal.ts'
import { startForwardProxy } from '../../support/unit/forward-proxy.ts'

const URL_OF_SERVER = 'https://pds.host.dev/oauth/token'
const post = { kind: 'token', method: 'POST', body: 'grant_type=refresh_token' } as const
const CREDENTIALS = 'user:canary-password'
const secrets = [CREDENTIALS, 'canary', Buffer.from(CREDENTIALS).toString('base64')]

async function withAnswer(
  answer: (client: Socket, head: string) => void,
  options: Partial<GuardedFetchOptions> = {},
) {
  const proxy = await startForwardProxy({ answer })
  const guarded = createGuardedFetch({ proxy: `http://${CREDENTIALS}@127.0.0.1:${proxy.port}`, ...options })
  return { proxy, shown: `http://127.0.0.1:${proxy.port}`, guarded }
}

/** All that a log could show of an error. */
function printed(error: Error): string {
  const { stack, cause } = error
  const shown = [error, cause].map((value) => inspect(value, { depth: null, showHidden: true }))
  const buffers = [error, cause].flatMap((value) =>
    value instanceof Object ? Object.values(value).filter((one) => Buffer.isBuffer(one)) : [],
  )
  return [...shown, stack, JSON.stringify(error), JSON.stringify(cause), ...buffers.map(String)].join('\n')
}

function expectNoSecret(error: Error): void {
  for (const secret of secrets) expect(printed(error)).not.toContain(secret)
}

describe('a proxy', () => {
  it('that is away is named, without its credentials', async () => {
    const port = await findFreePort()
    const guarded = createGuardedFetch({ proxy: `http://${CREDENTIALS}@127.0.0.1:${port}` })
    const error = await refusalOf(guarded(URL_OF_SERVER, post))
    expect(error).toMatchObject({
      code: 'network_error',
      message: `The proxy http://127.0.0.1:${port} could not be reached.`,
      sent: false,
    })
    expectNoSecret(error)
  })

  it('whose name does not exist is named', async () => {
    const guarded = createGuardedFetch({ proxy: `http://${CREDENTIALS}@proxy.invalid:3128` })
    const error = await refusalOf(guarded(URL_OF_SERVER, post))
    expect(error).toMatchObject({
      code: 'network_error',
      message: 'The proxy http://proxy.invalid:3128 could not be reached.',
      sent: false,
    })
    expectNoSecret(error)
  })

  it('that refuses the credentials says so', async () => {
    const { guarded, shown } = await withAnswer((client) =>
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm="x"\r\n\r\n'),
    )
    const error = await refusalOf(guarded(URL_OF_SERVER, post))
    expect(error).toMatchObject({
      code: 'network_error',
      message: `The proxy ${shown} rejects the credentials of the option proxy, or requires some (407).`,
      sent: false,
    })
    expectNoSecret(error)
  })

  it.each([
    [100, 'HTTP/1.1 100 Continue\r\n\r\n'],
    [302, 'HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/login\r\n\r\n'],
    [403, 'HTTP/1.1 403 Forbidden\r\ncontent-length: 6\r\n\r\nDenied'],
    [502, 'HTTP/1.1 502 Bad Gateway\r\n\r\n'],
  ])('that answers with status %d opens no tunnel', async (status, answer) => {
    const { guarded, shown, proxy } = await withAnswer((client) => client.end(answer))
    const error = await refusalOf(guarded(URL_OF_SERVER, post))
    expect(error).toMatchObject({
      code: 'network_error',
      message: `The proxy ${shown} answered CONNECT pds.host.dev:443 with status ${status}.`,
      sent: false,
    })
    expect(proxy.heads).toHaveLength(1)
    expectNoSecret(error)
  })

  it('that speaks in place of the server opens no tunnel', async () => {
    const { guarded, shown } = await withAnswer((client) =>
      client.write('HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi'),
    )
    expect(await refusalOf(guarded(URL_OF_SERVER, post))).toMatchObject({
      code: 'network_error',
      message: `The proxy ${shown} opened no tunnel to pds.host.dev:443.`,
      sent: false,
    })
  })

  it.each([
    ['garbage', 'SSH-2.0-OpenSSH_9.6\r\n\r\n'],
    ['half a status', 'HTTP/1.1 2'],
    ['a malformed header', 'HTTP/1.1 200 OK\r\nx y\u0000: z\r\n\r\n'],
    ['nothing', ''],
  ])('that answers with %s gave no proper answer', async (_what, answer) => {
    const { guarded, shown } = await withAnswer((client) => client.end(answer))
    const error = await refusalOf(guarded(URL_OF_SERVER, post))
    expect(error).toMatchObject({
      code: 'network_error',
      message: `The proxy ${shown} gave no proper answer to CONNECT pds.host.dev:443.`,
      sent: false,
    })
    expectNoSecret(error)
  })

  it('that answers with headers without end gave no proper answer', async () => {
    const { guarded } = await withAnswer((client) => {
      client.write('HTTP/1.1 200 OK\r\n')
      const timer = setInterval(() => client.write(`x: ${'y'.repeat(4_096)}\r\n`), 1)
      client.on('close', () => clearInterval(timer))
    })
    expect(await refusalOf(guarded(URL_OF_SERVER, post))).toMatchObject({
      message: expect.stringContaining('gave no proper answer to CONNECT'),
      sent: false,
    })
  })

  it('that hangs up at once gave no proper answer', async () => {
    const { guarded } = await withAnswer((client) => client.resetAndDestroy())
    expect(await refusalOf(guarded(URL_OF_SERVER, post))).toMatchObject({
      code: 'network_error',
      sent: false,
    })
  })

  it.each([
    ['garbage', (client: Socket) => client.end('garbage that is no TLS')],
    ['a reset', (client: Socket) => client.resetAndDestroy()],
    ['its end', (client: Socket) => client.end()],
  ])('that answers the TLS of a tunnel with %s has passed nothing on', async (_what, spoil) => {
    const { guarded } = await withAnswer((client) => {
      client.write('HTTP/1.1 200 OK\r\n\r\n')
      client.once('data', () => spoil(client))
    })
    const error = await refusalOf(guarded(URL_OF_SERVER, post))
    expect(error).toMatchObject({ code: 'network_error', sent: false, endpoint: URL_OF_SERVER })
    expectNoSecret(error)
  })

  it('that quotes the credentials in a broken answer puts them into no error', async () => {
    const { guarded } = await withAnswer((client, head) =>
      client.end(`HTTP/1.1 200 OK\r\n${head}\u0000\r\n\r\n`),
    )
    const error = await refusalOf(guarded(URL_OF_SERVER, post))
    expect(error).toMatchObject({ code: 'network_error', sent: false })
    expectNoSecret(error)
  })
})

describe('a proxy that keeps a request waiting', () => {
  it('RF-7 is given up after the time that a connection may take, and nothing was sent', async () => {
    const { guarded, shown } = await withAnswer(() => undefined, { idleMs: 200 })
    const error = await refusalOf(guarded(URL_OF_SERVER, post))
    expect(error).toMatchObject({
      code: 'timeout',
      message: `The proxy ${shown} did not answer CONNECT in time.`,
      sent: false,
    })
    expectNoSecret(error)
  })

  it('RF-7 is given up while it drips bytes', async () => {
    const { guarded } = await withAnswer(
      (client) => {
        client.write('HTTP/1.1 200 OK\r\n')
        const timer = setInterval(() => client.write('x: y\r\n'), 20)
        client.on('close', () => clearInterval(timer))
      },
      { idleMs: 300 },
    )
    expect(await refusalOf(guarded(URL_OF_SERVER, post))).toMatchObject({ code: 'timeout', sent: false })
  })

  it('RF-7 is given up when it opens a tunnel in which nobody speaks', async () => {
    const { guarded } = await withAnswer((client) => client.write('HTTP/1.1 200 OK\r\n\r\n'), { idleMs: 300 })
    expect(await refusalOf(guarded(URL_OF_SERVER, post))).toMatchObject({
      code: 'timeout',
      message: 'No connection to https://pds.host.dev could be opened in time.',
      sent: false,
    })
  })

  it('is given up at the deadline of the request', async () => {
    const warnings: string[] = []
    const warn = (message: string) => void warnings.push(message)
    const { guarded, shown } = await withAnswer(() => undefined, { warn })
    const error = await refusalOf(guarded('https://pds.host.dev', { kind: 'discovery' }))
    const message = `The proxy ${shown} did not answer CONNECT in time.`
    expect(error).toMatchObject({ code: 'timeout', message, sent: false })
    expect(warnings).toEqual([message])
  })

  it('is left when the caller gives up, with the caller’s reason', async () => {
    const closed = Promise.withResolvers<void>()
    const leaving = new AbortController()
    const reason = new Error('the caller left')
    const { guarded } = await withAnswer((client) => {
      client.on('close', () => closed.resolve())
      leaving.abort(reason)
    })
    await expect(guarded(URL_OF_SERVER, { ...post, signal: leaving.signal })).rejects.toBe(reason)
    await expect(closed.promise).resolves.toBeUndefined()
  })
})

describe('the warning of a proxy', () => {
  async function warningsOf(answer: string, options: Partial<GuardedFetchOptions> = {}) {
    const warnings: string[] = []
    const warn = (message: string) => void warnings.push(message)
    const { guarded, shown } = await withAnswer((client) => client.end(answer), { warn, ...options })
    await refusalOf(guarded(URL_OF_SERVER, post))
    return { warnings, shown }
  }

  it('tells the operator that it refuses the credentials', async () => {
    const { warnings, shown } = await warningsOf('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
    expect(warnings).toEqual([
      `The proxy ${shown} rejects the credentials of the option proxy, or requires some (407).`,
    ])
  })

  it('tells the operator that it does not answer', async () => {
    const warnings: string[] = []
    const warn = (message: string) => void warnings.push(message)
    const { guarded, shown } = await withAnswer(() => undefined, { warn, idleMs: 200 })
    await refusalOf(guarded(URL_OF_SERVER, post))
    expect(warnings).toEqual([`The proxy ${shown} did not answer CONNECT in time.`])
  })

  it('tells the operator that it is away', async () => {
    const address = `127.0.0.1:${await findFreePort()}`
    const { warnings } = await warningsOf('', { proxy: `http://${CREDENTIALS}@${address}` })
    expect(warnings).toEqual([`The proxy http://${address} could not be reached.`])
  })

  it.each(['HTTP/1.1 403 Forbidden\r\n\r\n', 'HTTP/1.1 502 Bad Gateway\r\n\r\n', 'garbage', ''])(
    'is not given for what may be the fault of one server: %j',
    async (answer) => {
      expect((await warningsOf(answer)).warnings).toEqual([])
    },
  )
})

describe('a client with a proxy', () => {
  it('cannot be made with a malformed address', () => {
    expect(() => createGuardedFetch({ proxy: 'proxy:3128/canary' })).toThrow(
      expect.objectContaining({ code: 'configuration', message: expect.not.stringContaining('canary') }),
    )
  })

  it('is asked through no proxy when the address is empty', async () => {
    const guarded = createGuardedFetch({
      proxy: '',
      lookup: (_name, _options, callback) => callback(null, []),
    })
    await expect(guarded(URL_OF_SERVER, post)).rejects.toMatchObject({
      message: 'https://pds.host.dev could not be reached.',
    })
  })

  it.each(['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'ALL_PROXY'])(
    'takes no address from %s',
    async (name) => {
      const other = await startForwardProxy({ answer: (client) => client.end() })
      const previous = process.env[name]
      process.env[name] = `http://127.0.0.1:${other.port}`
      try {
        const { guarded, proxy } = await withAnswer((client) =>
          client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'),
        )
        await expect(guarded(URL_OF_SERVER, post)).rejects.toThrow()
        expect([other.heads, proxy.heads.length]).toEqual([[], 1])
      } finally {
        if (previous === undefined) delete process.env[name]
        else process.env[name] = previous
      }
    },
  )
})
