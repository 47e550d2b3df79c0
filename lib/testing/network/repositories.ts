/** What the accounts of a test network store: records and blobs, in memory. */
import { cidOfBlob, cidOfRecord, createRecordKeys } from './cid.ts'

/** A record of an account. */
export interface TestRecord {
  /** Such as `at://did:plc:…/app.bsky.feed.post/3k…`. */
  readonly uri: string
  readonly cid: string
  readonly value: Readonly<Record<string, unknown>>
}

/** Where a record is. */
export interface RecordPlace {
  readonly did: string
  readonly collection: string
  readonly rkey: string
}

/** A blob as records refer to it. */
export interface BlobRef {
  readonly $type: 'blob'
  readonly ref: { readonly $link: string }
  readonly mimeType: string
  readonly size: number
}

export interface StoredBlob {
  readonly mimeType: string
  readonly bytes: Buffer
}

export interface Repositories {
  /** A record key that no record has yet, later than all others. */
  newKey(): string
  put(place: RecordPlace, value: TestRecord['value']): TestRecord
  get(place: RecordPlace): TestRecord | undefined
  delete(place: RecordPlace): void
  /** The records of a collection, the newest key first. */
  list(did: string, collection: string): readonly TestRecord[]
  collections(did: string): readonly string[]
  addBlob(did: string, blob: StoredBlob): BlobRef
  blob(did: string, cid: string): StoredBlob | undefined
  clear(): void
}

export function createRepositories(now: () => number): Repositories {
  const records = new Map<string, TestRecord>()
  const blobs = new Map<string, StoredBlob>()
  const uriOf = ({ did, collection, rkey }: RecordPlace) => `at://${did}/${collection}/${rkey}`
  const under = (prefix: string) => [...records.values()].filter(({ uri }) => uri.startsWith(prefix))
  return {
    newKey: createRecordKeys(now),
    put(place, value) {
      const uri = uriOf(place)
      const record = { uri, cid: cidOfRecord(value), value }
      records.set(uri, record)
      return record
    },
    get: (place) => records.get(uriOf(place)),
    delete: (place) => void records.delete(uriOf(place)),
    list: (did, collection) =>
      under(`at://${did}/${collection}/`).toSorted((a, b) => (a.uri < b.uri ? 1 : -1)),
    collections: (did) => [
      ...new Set(under(`at://${did}/`).flatMap(({ uri }) => uri.split('/').slice(3, 4))),
    ],
    addBlob(did, blob) {
      const cid = cidOfBlob(blob.bytes)
      blobs.set(`${did}/${cid}`, blob)
      return { $type: 'blob', ref: { $link: cid }, mimeType: blob.mimeType, size: blob.bytes.byteLength }
    },
    blob: (did, cid) => blobs.get(`${did}/${cid}`),
    clear() {
      records.clear()
      blobs.clear()
    },
  }
}
