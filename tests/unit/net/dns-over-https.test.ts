import { describe, expect, it } from 'vitest'
import { decodeTxtAnswer, encodeTxtQuery } from '../../../lib/net/dns-message.ts'
import { createDohResolveTxt } from '../../../lib/net/doh.ts'
import { createGuardedFetch } from '../../../lib/net/guarded-fetch.ts'
import { serve } from '../../support/unit/serve.ts'

interface Record {
  readonly strings: readonly string[]
  readonly type?: number
}

/** An answer as a name server builds it: the question, then records whose names point back to it. */
function answerOf(records: readonly Record[], { status = 0, flags = 0x8180 } = {}): Uint8Array {
  const question = encodeTxtQuery('_atproto.alice.host.dev').slice(12)
  const header = [0, 0, flags >> 8, (flags & 0xf0) | status, 0, 1, 0, records.length, 0, 0, 0, 0]
  const answers = records.flatMap(({ strings, type = 16 }) => {
    const data = strings.flatMap((text) => [text.length, ...Buffer.from(text)])
    return [0xc0, 12, 0, type, 0, 1, 0, 0, 1, 44, data.length >> 8, data.length & 0xff, ...data]
  })
  return Uint8Array.from([...header, ...question, ...answers])
}

const did = 'did=did:plc:alicealicealicealicealic'

describe('encodeTxtQuery', () => {
  it('asks for TXT records of the name, with id 0, as in RFC 8484 §4.1', () => {
    const name = '\u0008_atproto\u0004host\u0003dev\u0000'
    expect(Buffer.from(encodeTxtQuery('_atproto.host.dev')).toString('latin1')).toBe(
      `\u0000\u0000\u0001\u0000\u0000\u0001\u0000\u0000\u0000\u0000\u0000\u0000${name}\u0000\u0010\u0000\u0001`,
    )
  })

  it.each(['', 'a..dev', `${'a'.repeat(64)}.dev`, `${'a.'.repeat(130)}dev`])('refuses %j', (name) => {
    expect(() => encodeTxtQuery(name)).toThrow(expect.objectContaining({ code: 'network_error' }))
  })
})

describe('decodeTxtAnswer', () => {
  it('ID-3 gives each record with its strings joined', () => {
    const records = [{ strings: ['v=spf1', ' -all'] }, { strings: [did.slice(0, 10), did.slice(10)] }]
    expect(decodeTxtAnswer(answerOf(records))).toEqual(['v=spf1 -all', did])
  })

  it('passes over the aliases that led to the records', () => {
    expect(decodeTxtAnswer(answerOf([{ strings: ['alias'], type: 5 }, { strings: [did] }]))).toEqual([did])
  })

  it.each([
    ['has no such record', answerOf([])],
    ['does not exist', answerOf([], { status: 3 })],
  ])('gives nothing when the name %s', (_what, message) => {
    expect(decodeTxtAnswer(message)).toEqual([])
  })

  it.each([1, 2, 4, 5])('N9 does not take the failure %d for an absent record', (status) => {
    expect(() => decodeTxtAnswer(answerOf([], { status }))).toThrow(/status/)
  })

  it.each([
    ['a question', answerOf([{ strings: [did] }], { flags: 0x0180 })],
    ['a truncated answer', answerOf([{ strings: [did] }], { flags: 0x8380 })],
    ['an empty message', new Uint8Array()],
    ['a name of a reserved form', answerOf([{ strings: [did] }]).fill(0x80, 12, 13)],
  ])('refuses %s', (_what, message) => {
    expect(() => decodeTxtAnswer(message)).toThrow(expect.objectContaining({ code: 'invalid_response' }))
  })

  it('refuses an answer that is cut anywhere', () => {
    const whole = answerOf([{ strings: ['x'] }, { strings: [did] }])
    for (let length = 0; length < whole.length; length += 1) {
      expect(() => decodeTxtAnswer(whole.slice(0, length)), String(length)).toThrow(/malformed/)
    }
  })

  it('ends on any bytes whatever: names are not followed, so none can loop', () => {
    const message = answerOf([{ strings: [did] }])
    let seed = 1
    for (let round = 0; round < 5_000; round += 1) {
      const noise = Uint8Array.from(message, (byte) => {
        seed = (seed * 48_271) % 2_147_483_647
        return seed % 9 === 0 ? seed & 0xff : byte
      })
      try {
        decodeTxtAnswer(noise)
      } catch (error) {
        expect(error).toHaveProperty('code')
      }
    }
  })
})

describe('createDohResolveTxt', () => {
  async function ask(status: number, type: string, body: Uint8Array) {
    const asked: string[] = []
    const { origin } = await serve((request, response) => {
      asked.push(`${request.url} ${request.headers.accept}`)
      response.writeHead(status, { 'content-type': type }).end(body)
    })
    const resolveTxt = createDohResolveTxt(`${origin}/dns-query`, {
      fetch: createGuardedFetch({ localNetwork: {} }),
    })
    return { asked, records: resolveTxt('_atproto.alice.host.dev') }
  }
  const message = 'application/dns-message'

  it('asks with GET, the question in the URL', async () => {
    const { asked, records } = await ask(200, message, answerOf([{ strings: [did] }]))
    expect(await records).toEqual([did])
    const question = Buffer.from(encodeTxtQuery('_atproto.alice.host.dev')).toString('base64url')
    expect(asked).toEqual([`/dns-query?dns=${question} ${message}`])
  })

  it.each([
    [404, message],
    [302, message],
    [200, 'application/json'],
    [200, 'text/html'],
  ])('calls status %d of type %s no answer', async (status, type) => {
    const { records } = await ask(status, type, answerOf([{ strings: [did] }]))
    await expect(records).rejects.toMatchObject({ code: 'network_error' })
  })

  it('SF-1 is sent by the guarded fetch', async () => {
    const resolveTxt = createDohResolveTxt('https://127.0.0.1/dns-query')
    await expect(resolveTxt('host.dev')).rejects.toMatchObject({ code: 'blocked_address' })
  })
})
