/** The options of a client that say which way its requests leave, and to where. */
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createDohResolveTxt } from '../../../lib/net/doh.ts'
import { OAuthClient } from '../../../lib/oauth/client.ts'
import type { OAuthClientOptions } from '../../../lib/oauth/client-options.ts'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { findFreePort } from '../../support/network/free-port.ts'
import { refusalOf } from '../../support/refusal.ts'
import { startForwardProxy } from '../../support/unit/forward-proxy.ts'
import { serveHttps } from '../../support/unit/serve-https.ts'

const loopback = {
  clientMetadata: { client_id: 'http://localhost' },
  secrets: ['a secret of the tests, 0123456789 abcdef'],
} as const
const create = (options: Partial<OAuthClientOptions>) =>
  new OAuthClient({ ...loopback, store: createMemoryStore(), ...options } as OAuthClientOptions)

describe('the option privateHosts', () => {
  it.each(['*.example.com', '192.168.1.10', 'localhost', 'https://pds.example.com'])(
    'SF-1 of a client takes no %s',
    async (host) => {
      const refusal = expect.objectContaining({
        code: 'configuration',
        message: expect.stringMatching(/^The option privateHosts\.0 must be a full host name in lower case/),
      })
      expect(() => create({ privateHosts: [host] })).toThrow(refusal)
      const clientId = 'https://app.host.dev/oauth-client-metadata.json'
      expect(() => OAuthClient.fetchMetadata({ clientId, privateHosts: [host] })).toThrow(refusal)
    },
  )

  it('of a client adds nothing to what another client may reach', async () => {
    const named = create({ privateHosts: ['pds.lan'] })
    // The name alone decides here: no DNS knows it.
    expect(await refusalOf(named.start('https://pds.lan'))).toMatchObject({ code: 'server_unavailable' })
    expect(await refusalOf(create({}).start('https://pds.lan'))).toMatchObject({ code: 'invalid_identifier' })
  })
})

describe('the option proxy', () => {
  it('is that of all requests of a client', async () => {
    const proxy = await startForwardProxy({
      answer: (client) => client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'),
    })
    const client = create({
      proxy: `http://user:canary@127.0.0.1:${proxy.port}`,
      resolveTxt: () => Promise.resolve([]),
      onWarning: () => undefined,
    })
    for (const input of ['alice.host.dev', 'did:plc:alicealicealicealicealic', 'https://pds.host.dev'])
      await refusalOf(client.start(input))
    const asked = new Set(proxy.heads.map((head) => head.split(' ')[1]))
    expect(asked).toEqual(new Set(['alice.host.dev:443', 'plc.directory:443', 'pds.host.dev:443']))
  })

  it('fetches the metadata of a client', async () => {
    const clientId = 'https://app.host.dev/oauth-client-metadata.json'
    const server = await serveHttps('app.host.dev', (_request, response) => {
      const document = { client_id: clientId, token_endpoint_auth_method: 'none', scope: 'atproto' }
      const metadata = {
        ...document,
        redirect_uris: ['https://app.host.dev/callback'],
        grant_types: ['authorization_code', 'refresh_token'],
      }
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ ...metadata, response_types: ['code'], dpop_bound_access_tokens: true }))
    })
    const proxy = await startForwardProxy({ target: server.port })
    const localNetwork = {
      plcDirectory: 'http://127.0.0.1:1',
      handleResolver: 'http://127.0.0.1:1',
      ca: server.ca,
    }
    const metadata = await OAuthClient.fetchMetadata({
      clientId,
      localNetwork,
      proxy: `http://127.0.0.1:${proxy.port}`,
    })
    expect([metadata.client_id, proxy.heads.length]).toEqual([clientId, 1])
  })

  it('sends DNS over HTTPS through the proxy', async () => {
    const proxy = await startForwardProxy({
      answer: (client) => client.end('HTTP/1.1 403 Forbidden\r\n\r\n'),
    })
    const address = `http://127.0.0.1:${proxy.port}`
    const resolveTxt = createDohResolveTxt('https://dns.host.dev/dns-query', { proxy: address })
    await expect(resolveTxt('_atproto.alice.host.dev')).rejects.toMatchObject({
      code: 'network_error',
      message: `The proxy ${address} answered CONNECT dns.host.dev:443 with status 403.`,
    })
  })

  it('shows its credentials in no error of a client, nor in the client', async () => {
    const port = await findFreePort()
    const proxy = `http://user:canary-password@127.0.0.1:${port}`
    const warnings: string[] = []
    const client = create({ proxy, onWarning: (line) => warnings.push(line) })
    const error = await refusalOf(client.start('did:plc:alicealicealicealicealic'))
    expect(error).toMatchObject({ code: 'server_unavailable' })
    const shown = [client, error, warnings]
      .map((value) => inspect(value, { depth: null, showHidden: true }))
      .join()
    expect(warnings).toEqual([`The proxy http://127.0.0.1:${port} could not be reached.`])
    expect(shown).not.toContain('canary')
    expect(shown).not.toContain(Buffer.from('user:canary-password').toString('base64'))
  })

  it('cannot be malformed, and is not quoted then', () => {
    expect(() => create({ proxy: 'socks5://user:canary@proxy:1080' })).toThrow(
      expect.objectContaining({ code: 'configuration', message: expect.not.stringContaining('canary') }),
    )
  })

  it('cannot be given together with fetch', () => {
    const refusal = expect.objectContaining({
      code: 'configuration',
      message: 'Give fetch or proxy, not both: with fetch, that function decides how requests leave.',
    })
    const both = { fetch: globalThis.fetch, proxy: 'http://proxy.internal:3128' }
    expect(() => create(both)).toThrow(refusal)
    const clientId = 'https://app.host.dev/oauth-client-metadata.json'
    expect(() => OAuthClient.fetchMetadata({ clientId, ...both })).toThrow(refusal)
  })
})
