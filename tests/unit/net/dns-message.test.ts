import { expect, it } from 'vitest'
import { decodeTxtAnswer, encodeTxtQuery } from '../../../lib/net/dns-message.ts'

/** An answer with one TXT record, whose length and text are given. */
function answerWith(length: number, text: readonly number[]): readonly number[] {
  const question = [...encodeTxtQuery('_atproto.alice.host.dev')].slice(12)
  const header = [0, 0, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]
  return [...header, ...question, 0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, length >> 8, length & 255, ...text]
}

it('an answer that lies in a larger buffer is read to its own end', () => {
  const message = answerWith(4, [3, ...new TextEncoder().encode('did')])
  const buffer = Uint8Array.from([1, 2, ...message, 9, 9])
  expect(decodeTxtAnswer(buffer.subarray(2, 2 + message.length))).toEqual(['did'])
})

it('an answer whose record is longer than the message shows nothing of the bytes behind it', () => {
  const message = answerWith(7, [6, ...new TextEncoder().encode('did')])
  const buffer = Uint8Array.from([...message, ...new TextEncoder().encode('secret')])
  expect(() => decodeTxtAnswer(buffer.subarray(0, message.length))).toThrow('The DNS answer is malformed.')
})
