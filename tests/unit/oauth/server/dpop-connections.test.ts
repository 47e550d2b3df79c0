/** How many connections a server sees whose nonce changes with each request, over https. */
import { expect, it } from 'vitest'
import { generatePrivateJwk, importSigningKey } from '../../../../lib/crypto/keyset.ts'
import { createGuardedFetch } from '../../../../lib/net/guarded-fetch.ts'
import { type DpopRequest, fetchWithDpop } from '../../../../lib/oauth/server/dpop.ts'
import { createServerState } from '../../../../lib/oauth/server/server-state.ts'
import { serveHttps } from '../../../support/unit/serve-https.ts'

const key = await importSigningKey(await generatePrivateJwk())

/** A PDS on https that wants a new nonce for every other request. */
async function startForgetfulPds() {
  let requests = 0
  const { port, ca, connections } = await serveHttps('localhost', (request, response) => {
    request.resume()
    requests += 1
    if (requests % 2 === 0) return void response.end('done')
    response.writeHead(401, {
      'content-type': 'application/json',
      'dpop-nonce': `nonce-${requests}`,
      'www-authenticate': 'DPoP error="use_dpop_nonce"',
    })
    // In two parts: the answer is not complete when its headers have come.
    response.write('{"error":"use_dpop_nonce",')
    setTimeout(() => response.end('"message":"another one"}'), 10)
  })
  const servers = createServerState()
  const fetch = createGuardedFetch({ localNetwork: { ca } })
  const url = new URL(`https://localhost:${port}/xrpc/com.example.echo`)
  const call = async (request: Pick<DpopRequest, 'method' | 'body'>) => {
    const full: DpopRequest = {
      ...request,
      url,
      kind: 'resource',
      key,
      headers: new Headers(),
      clockOrigin: url.origin,
    }
    return (await fetchWithDpop(full, { fetch, servers, now: Date.now })).text()
  }
  return { call, connections, requests: () => requests }
}

const body = { replayable: true, open: () => ({ content: '{}', contentType: 'application/json' }) }

it.each([
  ['GET', { method: 'GET' }],
  ['POST', { method: 'POST', body }],
])('five %s calls that are all asked for another nonce share one connection', async (_, request) => {
  const pds = await startForgetfulPds()
  for (let index = 0; index < 5; index += 1) expect(await pds.call(request)).toBe('done')
  expect([pds.requests(), pds.connections()]).toEqual([10, 1])
})
