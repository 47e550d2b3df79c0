/** A gateway in front of every server compresses all answers, whether or not the request asks for it. */
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { call, signInWarm, tokenRequests } from '../../support/protocol/scripted-client.ts'
import { type ScriptedNetwork, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import type { Answer, Script } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'

const HOUR_MS = 3_600_000

function compressing(encoding: string, compress: (text: string) => Buffer): Script {
  return async (_request, usual): Promise<Answer> => {
    const { json, body = json && JSON.stringify(json), ...answer } = await usual()
    if (body === undefined) return answer
    const type = json ? { 'content-type': 'application/json' } : {}
    return {
      ...answer,
      headers: { ...type, ...answer.headers, 'content-encoding': encoding },
      body: compress(body.toString()),
    }
  }
}

function compressEverything({ home }: ScriptedNetwork, script: Script): void {
  for (const server of [home.as, home.pds]) server.answer('*', script)
}

it.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
  ['zstd', zstdCompressSync],
] as const)('is no hindrance to sign-in, calls and refreshes: %s', async (encoding, compress) => {
  await using network = await startScriptedNetwork()
  compressEverything(network, compressing(encoding, compress))
  const { session } = await signInWarm(network)
  network.advance(HOUR_MS)
  expect(await call(session)).toBe(200)
  expect(tokenRequests(network, 'refresh_token')).toHaveLength(1)
})

it('is named where its encoding is not known', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.advance(HOUR_MS)
  network.home.as.answerOnce('/oauth/token', compressing('compress', gzipSync))
  const { cause } = await refusalOf(call(session))
  expect(cause).toMatchObject({
    code: 'invalid_response',
    message: `${network.home.as.origin} answered with content encoding "compress", although none was requested.`,
  })
})
