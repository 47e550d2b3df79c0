/** How many connections a PDS sees: an answer that is only a reason to ask again does not cost one. */
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { call, signInWarm, tokenRequests } from '../../support/protocol/scripted-client.ts'
import { startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import type { Answer } from '../../support/protocol/scripted-server.ts'

const ECHO = '/xrpc/com.example.echo'
const json = { 'content-type': 'application/json' }
const challenge = { 'www-authenticate': 'DPoP error="invalid_token"' }
const words = '{"error":"InvalidToken","message":"Token is not valid any more"}'

describe('a session of which the PDS has seen one connection', () => {
  it('uses it for five calls that are all asked for another nonce', async () => {
    await using network = await startScriptedNetwork()
    const { session } = await signInWarm(network)
    const before = network.home.pds.connections()
    for (let index = 0; index < 5; index += 1) {
      network.home.pds.nonces.rotate()
      expect(await call(session, ECHO)).toBe(200)
    }
    expect([network.sent(ECHO).length, network.home.pds.connections()]).toEqual([10, before])
  })

  it.each<[string, Answer]>([
    ['in a challenge', { status: 401, headers: { ...json, ...challenge }, body: words }],
    ['in its body alone', { status: 400, headers: json, body: '{"error":"ExpiredToken"}' }],
    [
      'in a compressed answer',
      { status: 401, headers: { ...json, ...challenge, 'content-encoding': 'gzip' }, body: gzipSync(words) },
    ],
  ])('uses it after a refresh because a token was refused %s', async (_, refusal) => {
    await using network = await startScriptedNetwork()
    const { session } = await signInWarm(network)
    const before = network.home.pds.connections()
    network.home.pds.answerOnce(ECHO, refusal)
    expect(await call(session, ECHO)).toBe(200)
    expect(tokenRequests(network, 'refresh_token')).toHaveLength(1)
    expect([network.sent(ECHO).length, network.home.pds.connections()]).toEqual([2, before])
  })

  it('uses it after a page of a gateway in place of an answer', async () => {
    await using network = await startScriptedNetwork()
    const { session } = await signInWarm(network)
    const before = network.home.pds.connections()
    network.home.pds.answerOnce(ECHO, { status: 502, body: `<html>${'x'.repeat(20_000)}</html>` })
    await expect(session.get('com.example.echo')).rejects.toMatchObject({ status: 502 })
    await session.get('com.example.echo')
    expect(network.home.pds.connections()).toBe(before)
  })
})

/** Answers of a PDS that would keep a call waiting if they were read to their end. */
describe('a PDS whose refusal does not end', () => {
  it('gets the next request all the same, when it announces more than it sends', async () => {
    await using network = await startScriptedNetwork()
    const { session } = await signInWarm(network)
    for (const length of ['5000', '50000000']) {
      network.home.pds.answerOnce(ECHO, {
        status: 401,
        headers: { ...json, ...challenge, 'content-length': length },
        body: words,
      })
      expect(await call(session, ECHO)).toBe(200)
      network.advance(120_000)
    }
    expect(network.sent(ECHO)).toHaveLength(4)
  })
})
