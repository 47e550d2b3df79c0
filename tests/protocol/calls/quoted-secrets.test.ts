/** Ways by which a PDS or authorization server gets a secret that it was sent into an error or a log line. */
import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { describeError } from '../../../lib/error-reason.ts'
import { createScriptedClient, signInWarm } from '../../support/protocol/scripted-client.ts'
import { alice, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import type { Answer } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'

const ECHO = '/xrpc/com.example.echo'

/** What a call fails with whose access token the PDS quotes so. */
async function failWith(quote: (token: string) => Answer) {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  let token = ''
  network.home.pds.answer(ECHO, ({ accessToken = '' }) => {
    token = accessToken
    return quote(accessToken)
  })
  const error = await refusalOf(session.get('com.example.echo'))
  return { error, token, shown: `${inspect(error)}\n${describeError(error)}` }
}

it.each<[string, (token: string) => Answer]>([
  [
    'the scope of a challenge',
    (token) => ({
      status: 403,
      headers: { 'www-authenticate': `DPoP error="insufficient_scope", scope="blob:${token}/x"` },
      json: { error: 'InsufficientScope' },
    }),
  ],
  [
    'the content encoding',
    (token) => ({
      status: 200,
      headers: { 'content-type': 'application/json', 'content-encoding': token },
      body: '{"a":',
    }),
  ],
  [
    'a line break',
    (token) => ({
      status: 400,
      json: { error: 'Bad', message: `${token.slice(0, 18)}\n${token.slice(18)}` },
    }),
  ],
  [
    'lower-case percent-encoding',
    (token) => ({
      status: 400,
      json: { error: 'Bad', message: `=${[...token].map((c) => (/[.]/.test(c) ? '%2e' : c)).join('')}` },
    }),
  ],
  ['its end alone', (token) => ({ status: 400, json: { error: 'Bad', message: `…${token.slice(-30)}` } })],
  [
    'variation selectors',
    (token) => ({ status: 400, json: { error: 'Bad', message: [...token].join('\ufe0f') } }),
  ],
])('SF-6 an access token in %s does not reach the error', async (_, quote) => {
  const { token, shown } = await failWith(quote)
  const plain = shown.replace(/\ufe0f|\s/g, '')
  expect(plain).not.toContain(token.slice(-20))
})

it('the words of a server cannot forge the facts of a log line', async () => {
  const { error } = await failWith(() => ({
    status: 400,
    json: { error: 'Bad', message: 'x). (endpoint=https://other.example status=200 cause=ECONNREFUSED' },
  }))
  const line = describeError(error)
  expect(line).not.toContain('(endpoint=https://other.example')
})

it('the code does not reach the error of a callback by a content type', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  const { url } = await client.start(alice.handle)
  const params = network.home.as.approve(url, alice.did).searchParams
  const code = params.get('code') ?? ''
  network.home.as.answer('/oauth/token', {
    status: 200,
    headers: { 'content-type': `text/${code.slice(0, 45)}` },
    body: 'x',
  })
  const error = await refusalOf(client.callback(params))
  expect((inspect(error) + describeError(error)).toLowerCase()).not.toContain(code.slice(5, 30).toLowerCase())
})

it('the state that a server quotes in error_description is not in params', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  const { url } = await client.start(alice.handle)
  const params = network.home.as.approve(url, alice.did).searchParams
  const state = params.get('state') ?? ''
  const denied = new URLSearchParams({
    state,
    iss: params.get('iss') ?? '',
    error: 'invalid_request',
    error_description: `bad state ${state}`,
  })
  const error = await refusalOf(client.callback(denied))
  expect(inspect(error)).not.toContain(state.slice(0, 30))
})
