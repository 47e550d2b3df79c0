/** The methods of a test network's PDS: records, blobs, and who is calling. */
import { z } from 'zod'
import { isNsid } from '../../identity/syntax.ts'
import type { Answer } from '../servers/scripted-server.ts'
import type { Accounts, TestAccount } from './accounts.ts'
import { didDocument } from './accounts.ts'
import type { RecordPlace, Repositories } from './repositories.ts'
import {
  invalidRequest,
  readJson,
  requireParam,
  requireScope,
  type XrpcCall,
  XrpcRefusal,
} from './xrpc-call.ts'

export interface PdsDeps {
  readonly accounts: Accounts
  readonly repositories: Repositories
  /** Origin of the PDS. */
  readonly origin: () => string
}

/** Who calls, and what they were granted. */
export interface Caller {
  readonly account: TestAccount
  readonly scope: string
}

type OpenMethod = (call: XrpcCall, deps: PdsDeps) => Answer
type OwnMethod = (call: XrpcCall, caller: Caller, deps: PdsDeps) => Answer

const MAX_LIST = 100
const text = z.string().min(1)
const placeSchema = z.object({ repo: text, collection: text.refine(isNsid), rkey: text.optional() })
const writeSchema = placeSchema.extend({ record: z.record(z.string(), z.unknown()) })
const put = ['create', 'update'] as const

/** Methods that need no token. */
export const openMethods: Readonly<Record<string, OpenMethod>> = {
  'com.atproto.server.describeServer': (_call, { origin }) => ({
    json: { did: `did:web:${encodeURIComponent(new URL(origin()).host)}`, availableUserDomains: ['.test'] },
  }),
  'com.atproto.identity.resolveHandle'(call, { accounts }) {
    const account = accounts.find(requireParam(call, 'handle'))
    if (!account) throw invalidRequest('Unable to resolve handle', 'HandleNotFound')
    return { json: { did: account.did } }
  },
  'com.atproto.repo.describeRepo'(call, deps) {
    const { did, handle } = accountOf(requireParam(call, 'repo'), deps)
    const collections = deps.repositories.collections(did)
    const didDoc = didDocument({ did, handle }, deps.origin())
    return { json: { did, handle, didDoc, collections, handleIsCorrect: true } }
  },
  'com.atproto.repo.getRecord'(call, deps) {
    const [collection, rkey] = [requireParam(call, 'collection'), requireParam(call, 'rkey')]
    const { did } = accountOf(requireParam(call, 'repo'), deps)
    const record = deps.repositories.get({ did, collection, rkey })
    if (!record) throw invalidRequest(`Could not locate record: ${collection}/${rkey}`, 'RecordNotFound')
    return { json: { ...record } }
  },
  'com.atproto.repo.listRecords'(call, deps) {
    const { did } = accountOf(requireParam(call, 'repo'), deps)
    const all = deps.repositories.list(did, requireParam(call, 'collection'))
    const limit = Math.min(Number(call.params.get('limit') ?? 50), MAX_LIST)
    const ordered = call.params.get('reverse') === 'true' ? all.toReversed() : all
    const start = Number(call.params.get('cursor') ?? 0)
    const next = start + limit
    return {
      json: {
        records: ordered.slice(start, next),
        ...(ordered.length > next && { cursor: String(next) }),
      },
    }
  },
  'com.atproto.sync.getBlob'(call, { repositories }) {
    const blob = repositories.blob(requireParam(call, 'did'), requireParam(call, 'cid'))
    if (!blob) throw invalidRequest('Blob not found', 'BlobNotFound')
    return { headers: { 'content-type': blob.mimeType }, body: blob.bytes }
  },
}

/** Methods for the account whose session calls. */
export const ownMethods: Readonly<Record<string, OwnMethod>> = {
  'com.atproto.server.getSession': (_call, { account: { did, handle } }, { origin }) => ({
    json: { did, handle, active: true, didDoc: didDocument({ did, handle }, origin()) },
  }),
  'com.atproto.repo.createRecord'(call, caller, { repositories }) {
    const { record, ...place } = parseBody(call, writeSchema)
    allowWrite(place, caller, ['create'])
    return written(place.rkey ?? repositories.newKey(), { place, record, caller, repositories })
  },
  'com.atproto.repo.putRecord'(call, caller, { repositories }) {
    const { record, ...place } = parseBody(call, writeSchema)
    allowWrite(place, caller, put)
    return written(requireKey(place), { place, record, caller, repositories })
  },
  'com.atproto.repo.deleteRecord'(call, caller, { repositories }) {
    const place = parseBody(call, placeSchema)
    allowWrite(place, caller, ['delete'])
    repositories.delete({ did: caller.account.did, collection: place.collection, rkey: requireKey(place) })
    return { json: {} }
  },
  'com.atproto.repo.uploadBlob'({ request: { headers, body } }, { account, scope }, { repositories }) {
    const mimeType = headers['content-type'] ?? 'application/octet-stream'
    requireScope(scope, `blob:${mimeType}`)
    return { json: { blob: repositories.addBlob(account.did, { mimeType, bytes: body }) } }
  },
  'app.bsky.actor.getPreferences': () => ({ json: { preferences: [] } }),
}

interface Written {
  readonly place: { readonly collection: string }
  readonly record: Readonly<Record<string, unknown>>
  readonly caller: Caller
  readonly repositories: Repositories
}

function written(rkey: string, { place, record, caller, repositories }: Written): Answer {
  const at: RecordPlace = { did: caller.account.did, collection: place.collection, rkey }
  const { uri, cid } = repositories.put(at, { $type: place.collection, ...record })
  return { json: { uri, cid, validationStatus: 'unknown' } }
}

function allowWrite(
  { repo, collection }: z.infer<typeof placeSchema>,
  { account, scope }: Caller,
  actions: readonly ('create' | 'update' | 'delete')[],
): void {
  for (const action of actions) requireScope(scope, `repo:${collection}?action=${action}`)
  if (repo !== account.did && repo !== account.handle)
    throw new XrpcRefusal(403, 'Forbidden', 'A session writes to the repository of its own account only.')
}

function requireKey({ rkey }: { readonly rkey?: string | undefined }): string {
  if (rkey !== undefined) return rkey
  throw invalidRequest('Input must have the property "rkey"')
}

function accountOf(name: string, { accounts }: PdsDeps): TestAccount {
  const account = accounts.find(name)
  if (account) return account
  throw invalidRequest(`Could not find repo: ${name}`, 'RepoNotFound')
}

function parseBody<T>({ request: { body } }: XrpcCall, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(readJson(body))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw invalidRequest(`Input/${issue?.path.join('/')}: ${issue?.message}`)
}
