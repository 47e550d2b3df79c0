/** Content identifiers (CIDv1, SHA-256) and record keys, in the spelling of the AT Protocol. */
import { createHash } from 'node:crypto'

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'
const SORTABLE = '234567abcdefghijklmnopqrstuvwxyz'
/** Multicodec: what the hashed bytes are. */
const codecs = { record: 0x71, blob: 0x55 } as const

/** Bytes in base32 (RFC 4648 §6), in lower case and without padding. */
export function base32(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('')
  const groups = bits.match(/.{1,5}/g) ?? []
  return groups.map((group) => ALPHABET[Number.parseInt(group.padEnd(5, '0'), 2)]).join('')
}

/** The CID of a blob's bytes. */
export function cidOfBlob(bytes: Uint8Array): string {
  return cid(codecs.blob, bytes)
}

/** A CID for a record. It is made from the JSON and not from DAG-CBOR: well-formed, but not the one of a real PDS. */
export function cidOfRecord(record: object): string {
  return cid(codecs.record, Buffer.from(JSON.stringify(record)))
}

function cid(codec: number, bytes: Uint8Array): string {
  const hash = createHash('sha256').update(bytes).digest()
  return `b${base32(Buffer.from([1, codec, 0x12, hash.length, ...hash]))}`
}

/** Makes record keys (TIDs): each is later than the one before, so that the order of keys is that of creation. */
export function createRecordKeys(now: () => number): () => string {
  let last = 0n
  return () => {
    const time = BigInt(Math.floor(now())) * 1000n
    last = time > last ? time : last + 1n
    const bits = (last << 10n).toString(2).padStart(65, '0')
    return (bits.match(/.{5}/g) ?? []).map((group) => SORTABLE[Number.parseInt(group, 2)]).join('')
  }
}
