import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { describe, expect, it, onTestFinished } from 'vitest'
import { AtprotoAuthError } from '../../../lib/errors.ts'
import { createResolveTxt, limitTxt } from '../../../lib/net/dns.ts'

/** A name server on this machine; it answers what `reply` makes of a question, or nothing. */
async function startNameServer(reply: (question: Buffer) => Buffer | undefined): Promise<string> {
  const socket = createSocket('udp4')
  onTestFinished(() => void socket.close())
  socket.on('message', (question, { port, address }) => {
    const answer = reply(question)
    if (answer) socket.send(answer, port, address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return `127.0.0.1:${socket.address().port}`
}

/** The question as an answer with that status and those TXT records. */
function answer(question: Buffer, status: number, ...records: readonly (readonly string[])[]): Buffer {
  const end = question.indexOf(0, 12) + 5
  const head = Buffer.from(question.subarray(0, end))
  head.writeUInt16BE(0x8180 | status, 2)
  head.writeUInt16BE(records.length, 6)
  head.writeUInt32BE(0, 8)
  const bodies = records.map((strings) => {
    const data = strings.flatMap((text) => [text.length, ...Buffer.from(text)])
    return Buffer.from([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 0, data.length >> 8, data.length & 0xff, ...data])
  })
  return Buffer.concat([head, ...bodies])
}

describe('createResolveTxt', () => {
  it('ID-3 gives each record with its strings joined', async () => {
    const server = await startNameServer((question) => answer(question, 0, ['did=did:plc:', 'x'], ['v=spf1']))
    expect(await createResolveTxt([server])('_atproto.host.dev')).toEqual(['did=did:plc:x', 'v=spf1'])
  })

  it.each([0, 3])('gives nothing when the name has none (status %d)', async (status) => {
    const server = await startNameServer((question) => answer(question, status))
    expect(await createResolveTxt([server])('_atproto.host.dev')).toEqual([])
  })

  it.each([2, 5])('N9 does not take the failure %d for an absent record', async (status) => {
    const server = await startNameServer((question) => answer(question, status))
    await expect(createResolveTxt([server])('_atproto.host.dev')).rejects.toMatchObject({
      code: 'network_error',
    })
  })

  it('N9 gives up after two seconds however many name servers are silent', async () => {
    const servers = await Promise.all([1, 2, 3].map(() => startNameServer(() => undefined)))
    const begun = performance.now()
    await expect(createResolveTxt(servers)('_atproto.host.dev')).rejects.toMatchObject({
      code: 'network_error',
    })
    expect(performance.now() - begun).toBeLessThan(2_500)
  })
})

describe('limitTxt', () => {
  it('N9 gives up after two seconds on a resolver that never answers', async () => {
    const begun = performance.now()
    const request = limitTxt(() => new Promise(() => {}))('host.dev')
    await expect(request).rejects.toMatchObject({ code: 'timeout' })
    expect(performance.now() - begun).toBeLessThan(2_500)
  })

  it('passes answers and failures on', async () => {
    expect(await limitTxt(async () => ['x'])('host.dev')).toEqual(['x'])
    const error = new AtprotoAuthError('network_error', 'down')
    await expect(limitTxt(() => Promise.reject(error))('host.dev')).rejects.toBe(error)
  })
})
