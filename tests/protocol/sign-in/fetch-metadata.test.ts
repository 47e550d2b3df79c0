/** A client's metadata, fetched over https from its client_id as authorization servers do it. */
import { mkdtemp, rm } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createGuardedFetch } from '../../../lib/net/guarded-fetch.ts'
import { fetchClientMetadata } from '../../../lib/oauth/client-metadata/fetch.ts'
import { closeServer, listenOnLoopback, portOf } from '../../support/network/loopback-server.ts'
import { startTlsFront } from '../../support/network/tls-front.ts'
import { refusalOf } from '../../support/refusal.ts'

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' }
const stack = new AsyncDisposableStack()
let fetchMetadata: (path?: string) => ReturnType<typeof fetchClientMetadata>
let clientId = ''
let asked: string[] = []
let answer: RequestListener

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'atproto-metadata-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const server = await listenOnLoopback(0)
  stack.defer(() => closeServer(server))
  server.on('request', (request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.accept}`)
    answer(request, response)
  })
  const target = `http://127.0.0.1:${portOf(server)}`
  const front = await startTlsFront({ host: 'client.demo.internal', target }, folder)
  stack.defer(() => front.stop())
  const guarded = createGuardedFetch({
    localNetwork: { ca: front.ca },
    lookup: (_name, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
  })
  clientId = `${front.origin}/client.json`
  fetchMetadata = (path = '/client.json') =>
    fetchClientMetadata({ clientId: front.origin + path, allowLoopback: true }, guarded)
})
afterAll(() => stack.disposeAsync())
beforeEach(() => {
  asked = []
})

const documentOf = () => ({
  client_id: clientId,
  redirect_uris: ['https://my-app.com/callback'],
  scope: 'atproto',
  token_endpoint_auth_method: 'private_key_jwt',
  jwks_uri: 'https://my-app.com/jwks.json',
  contacts: ['somebody@my-app.com'],
})
const serve = (change: object = {}, status = 200, headers: object = JSON_TYPE) => {
  answer = (_request, response) =>
    response.writeHead(status, { ...headers }).end(JSON.stringify({ ...documentOf(), ...change }))
}

describe('fetchClientMetadata', () => {
  it('reads the document at the client_id, with one request', async () => {
    serve()
    const { contacts: _c, ...expected } = documentOf()
    expect(await fetchMetadata()).toEqual({
      ...expected,
      application_type: 'web',
      response_types: ['code'],
      grant_types: ['authorization_code', 'refresh_token'],
      dpop_bound_access_tokens: true,
      token_endpoint_auth_signing_alg: 'ES256',
    })
    expect(asked).toEqual(['GET /client.json application/json'])
  })

  it.each([201, 204, 401, 404, 500])('MD-2 refuses status %d', async (status) => {
    serve({}, status)
    await expect(fetchMetadata()).rejects.toMatchObject({
      code: 'invalid_response',
      status,
      endpoint: clientId,
    })
  })

  it.each([301, 302, 303, 307, 308])('MD-2 SF-2 does not follow a %d', async (status) => {
    serve({}, status, { ...JSON_TYPE, location: '/elsewhere.json' })
    await expect(fetchMetadata()).rejects.toMatchObject({ code: 'invalid_response', status })
    expect(asked).toHaveLength(1)
  })

  it.each(['text/html', 'text/plain', 'application/ld+json', ''])(
    'MD-2 refuses the type %j',
    async (type) => {
      serve({}, 200, { 'content-type': type })
      await expect(fetchMetadata()).rejects.toMatchObject({
        code: 'invalid_response',
        message: expect.stringContaining('application/json'),
      })
    },
  )

  it.each(['', '[]', 'null', '"x"', '{', '{}'])('MD-2 refuses the body %j', async (body) => {
    answer = (_request, response) => response.writeHead(200, JSON_TYPE).end(body)
    await expect(fetchMetadata()).rejects.toMatchObject({ code: 'invalid_response' })
  })

  it('MD-3 refuses a document that names another client_id', async () => {
    for (const other of ['https://my-app.com/client.json', `${clientId}?`, clientId.toUpperCase()]) {
      serve({ client_id: other })
      const error = await refusalOf(fetchMetadata())
      expect(error).toMatchObject({ code: 'invalid_response' })
      expect(error.message).toContain('names another client_id')
    }
  })

  it('N7 refuses a document of more than 64 KiB', async () => {
    serve({ client_name: 'x'.repeat(65_536) })
    await expect(fetchMetadata()).rejects.toMatchObject({ code: 'response_too_large' })
  })

  it('MD-7 says which field of the document is not one to sign in with', async () => {
    serve({ token_endpoint_auth_signing_alg: 'RS256' })
    const error = await refusalOf(fetchMetadata())
    expect(error).toMatchObject({ code: 'configuration' })
    expect(error.message).toContain('token_endpoint_auth_signing_alg')
  })

  it.each(['/', '/x/', '/a/../client.json', '/x#y'])(
    'MD-1 asks nothing for a client_id that ends in %s',
    async (path) => {
      await expect(fetchMetadata(path)).rejects.toMatchObject({ code: 'configuration' })
      expect(asked).toEqual([])
    },
  )

  it('SF-1 asks nothing of this machine, unless told that the network is here', async () => {
    const guarded = createGuardedFetch()
    for (const host of ['localhost', '127.0.0.1', '10.0.0.1', 'client.demo.internal']) {
      const request = fetchClientMetadata({ clientId: `https://${host}/client.json` }, guarded)
      await expect(request, host).rejects.toMatchObject({ code: 'configuration' })
    }
    expect(asked).toEqual([])
  })

  it('LB-1 reads a loopback client’s metadata from its id: there is nothing to fetch', async () => {
    const loopback = 'http://localhost?scope=atproto%20repo:a.b.c'
    const metadata = await fetchClientMetadata({ clientId: loopback }, createGuardedFetch())
    expect(metadata).toMatchObject({ client_id: loopback, scope: 'atproto repo:a.b.c' })
  })

  it('ends with the caller’s own reason when the caller gives up', async () => {
    const reason = new Error('the caller left')
    const request = fetchClientMetadata(
      { clientId: 'https://my-app.com/client.json', signal: AbortSignal.abort(reason) },
      createGuardedFetch(),
    )
    await expect(request).rejects.toBe(reason)
  })
})
