/** A name server on this machine that says to every question what a test wants. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'

/**
 * Starts it until the running test is over, and returns its address.
 *
 * @param reply makes the answer to a question, or none
 * @param port default any that is free
 */
export async function startNameServer(
  reply: (question: Buffer) => Buffer | undefined,
  port = 0,
): Promise<string> {
  const socket = createSocket('udp4')
  onTestFinished(() => void socket.close())
  socket.on('message', (question, { port, address }) => {
    const answer = reply(question)
    if (answer) socket.send(answer, port, address)
  })
  socket.bind(port, '127.0.0.1')
  await once(socket, 'listening')
  return `127.0.0.1:${socket.address().port}`
}

/** The address of a name server that is not there. */
export async function closedNameServer(): Promise<string> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  await once(socket, 'close')
  return `127.0.0.1:${port}`
}

/** The question as an answer with that status and those TXT records. */
export function dnsAnswer(
  question: Buffer,
  status: number,
  ...records: readonly (readonly string[])[]
): Buffer {
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
