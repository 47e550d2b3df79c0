/** The part of the DNS message format (RFC 1035 §4) that TXT look-ups over HTTPS need. */
import { AtprotoAuthError } from '../errors.ts'

const HEADER_BYTES = 12
const TYPE_TXT = 16
const CLASS_IN = 1
const NXDOMAIN = 3

/**
 * Encodes a query for the TXT records of a name. Its id is 0, so that HTTP caches can recognise it (RFC 8484 §4.1).
 *
 * @throws AtprotoAuthError `network_error` when the name is not a valid DNS name
 */
export function encodeTxtQuery(name: string): Uint8Array {
  const labels = name.split('.').map((label) => new TextEncoder().encode(label))
  const question = labels.flatMap((label) => [label.length, ...label])
  // RFC 1035 §2.3.4. The empty label of the root ends the name.
  if (labels.some(({ length }) => length === 0 || length > 63) || question.length > 254) {
    throw new AtprotoAuthError('network_error', 'This name is not a valid DNS name.')
  }
  const header = [0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
  return Uint8Array.from([...header, ...question, 0, 0, TYPE_TXT, 0, CLASS_IN])
}

/**
 * Decodes the TXT records in an answer, each with its strings joined. Empty when the name has none or does not exist.
 *
 * @throws AtprotoAuthError `network_error` when the name server failed, `invalid_response` when the message is
 *   malformed
 */
export function decodeTxtAnswer(message: Uint8Array): readonly string[] {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength)
  try {
    const flags = view.getUint16(2)
    const [isResponse, isTruncated, status] = [flags & 0x8000, flags & 0x0200, flags & 0x000f]
    if (!isResponse || isTruncated) throw malformed()
    if (status === NXDOMAIN) return []
    if (status !== 0)
      throw new AtprotoAuthError('network_error', `The name server failed with status ${status}.`)
    return readTxtRecords(view)
  } catch (error) {
    if (error instanceof RangeError) throw malformed(error)
    throw error
  }
}

/** @throws RangeError when the message ends too early */
function readTxtRecords(view: DataView): readonly string[] {
  const [questions, answers] = [view.getUint16(4), view.getUint16(6)]
  let at = HEADER_BYTES
  for (let count = 0; count < questions; count += 1) at = skipName(view, at) + 4
  const records: string[] = []
  for (let count = 0; count < answers; count += 1) {
    const start = skipName(view, at)
    const length = view.getUint16(start + 8)
    // Of the view: its buffer may go on, with bytes of something else.
    if (start + 10 + length > view.byteLength) throw malformed()
    const data = new DataView(view.buffer, view.byteOffset + start + 10, length)
    // The answer also contains the aliases that lead to the records; the name server has followed them.
    if (view.getUint16(start) === TYPE_TXT && view.getUint16(start + 2) === CLASS_IN)
      records.push(readText(data))
    at = start + 10 + length
  }
  return records
}

/**
 * Returns the offset after a name. A compressed name ends in a pointer, which is not followed, so there are no loops.
 */
function skipName(view: DataView, start: number): number {
  let at = start
  for (;;) {
    const length = view.getUint8(at)
    if (length === 0) return at + 1
    if (length >= 0xc0) return at + 2
    if (length > 63) throw malformed()
    at += length + 1
  }
}

/** Joins the strings of a record: each holds at most 255 bytes, so a DID may be split in two. */
function readText(data: DataView): string {
  const bytes: number[] = []
  for (let at = 0; at < data.byteLength; ) {
    const length = data.getUint8(at)
    for (let index = 1; index <= length; index += 1) bytes.push(data.getUint8(at + index))
    at += length + 1
  }
  return new TextDecoder().decode(Uint8Array.from(bytes))
}

function malformed(cause?: unknown): AtprotoAuthError {
  return new AtprotoAuthError('invalid_response', 'The DNS answer is malformed.', { cause })
}
