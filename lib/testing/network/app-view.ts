/**
 * The AppView of a test network: everybody follows everybody, and a timeline is all posts of all accounts. The PDS
 * answers in its name, for whichever `…#bsky_appview` a call is meant: an application keeps the one that it has.
 */
import { parseServiceId } from '../../oauth/resource/service-id.ts'
import type { Answer } from '../servers/scripted-server.ts'
import type { TestAccount } from './accounts.ts'
import type { Caller, PdsDeps } from './pds-methods.ts'
import type { TestRecord } from './repositories.ts'
import { invalidRequest, requireParam, requireScope, type XrpcCall, XrpcRefusal } from './xrpc-call.ts'

/** Which service a call without `atproto-proxy` is for, as at the PDSes of Bluesky. */
const DEFAULT_SERVICE = 'did:web:api.bsky.app#bsky_appview'
const PAGE_SIZE = 50

type Method = (call: XrpcCall, deps: PdsDeps) => Answer

const methods: Readonly<Record<string, Method>> = {
  'app.bsky.actor.getProfile': (call, deps) => ({ json: profileOf(requireParam(call, 'actor'), deps) }),
  'app.bsky.actor.getProfiles': ({ params }, deps) => ({
    json: { profiles: params.getAll('actors').map((actor) => profileOf(actor, deps)) },
  }),
  'app.bsky.feed.getTimeline': (call, deps) => feedOf(deps.accounts.all, call, deps),
  'app.bsky.feed.getAuthorFeed': (call, deps) =>
    feedOf([findActor(requireParam(call, 'actor'), deps)], call, deps),
}

/**
 * The answer to a call that the PDS forwards.
 *
 * @param fixed answers that a test has given, by method
 * @throws XrpcRefusal when the session's scope does not allow the call, or the method is not played
 */
export function answerAsAppView(
  call: XrpcCall,
  { scope }: Pick<Caller, 'scope'>,
  deps: PdsDeps,
  fixed: ReadonlyMap<string, Answer>,
): Answer {
  const service = serviceOf(call)
  const audience = service.replaceAll('%', '%25').replace('#', '%23')
  requireScope(scope, `rpc:${call.nsid}?aud=${audience}`)
  const answer = fixed.get(call.nsid) ?? methods[call.nsid]?.(call, deps)
  if (answer) return answer
  throw new XrpcRefusal(
    501,
    'MethodNotImplemented',
    `The test network does not play ${call.nsid}. Give it an answer: network.answer('${call.nsid}', { … }).`,
  )
}

function serviceOf({ request: { headers } }: XrpcCall): string {
  const { 'atproto-proxy': named = DEFAULT_SERVICE } = headers
  try {
    return parseServiceId(String(named))
  } catch {
    throw invalidRequest('could not resolve proxy did service url')
  }
}

function findActor(actor: string, { accounts }: PdsDeps): TestAccount {
  const account = accounts.find(actor)
  if (account) return account
  throw invalidRequest('Profile not found')
}

function profileOf(actor: string, deps: PdsDeps) {
  const account = findActor(actor, deps)
  const { did } = account
  const count = deps.repositories.list(did, 'app.bsky.feed.post').length
  const others = deps.accounts.all.length - 1
  const value = profileRecord(did, deps)
  const description = typeof value.description === 'string' ? { description: value.description } : {}
  return {
    ...basicProfile(account, deps),
    ...description,
    postsCount: count,
    followersCount: others,
    followsCount: others,
  }
}

/** `app.bsky.actor.defs#profileViewBasic`; a profile record counts more than what the account was created with. */
function basicProfile({ did, handle, displayName }: TestAccount, deps: PdsDeps) {
  const value = profileRecord(did, deps)
  const avatar = blobUrl(did, value.avatar, deps)
  return {
    did,
    handle,
    displayName: typeof value.displayName === 'string' ? value.displayName : displayName,
    ...(avatar !== undefined && { avatar }),
    labels: [],
  }
}

function profileRecord(did: string, { repositories }: PdsDeps): TestRecord['value'] {
  return repositories.get({ did, collection: 'app.bsky.actor.profile', rkey: 'self' })?.value ?? {}
}

function feedOf(authors: readonly TestAccount[], { params }: XrpcCall, deps: PdsDeps): Answer {
  const posts = authors.flatMap((author) =>
    deps.repositories.list(author.did, 'app.bsky.feed.post').map((record) => postView(record, author, deps)),
  )
  const newestFirst = posts.toSorted((a, b) => b.post.indexedAt.localeCompare(a.post.indexedAt))
  const start = Number(params.get('cursor') ?? 0)
  const end = start + Math.min(Number(params.get('limit') ?? PAGE_SIZE), 100)
  return {
    json: {
      feed: newestFirst.slice(start, end),
      ...(newestFirst.length > end && { cursor: String(end) }),
    },
  }
}

/** `app.bsky.feed.defs#feedViewPost`. */
function postView({ uri, cid, value }: TestRecord, author: TestAccount, deps: PdsDeps) {
  const images = imagesOf(value).map(({ image, alt = '', aspectRatio }) => {
    const url = blobUrl(author.did, image, deps)
    return { thumb: url, fullsize: url, alt, ...(aspectRatio !== undefined && { aspectRatio }) }
  })
  return {
    post: {
      uri,
      cid,
      author: basicProfile(author, deps),
      record: value,
      indexedAt: typeof value.createdAt === 'string' ? value.createdAt : '',
      labels: [],
      likeCount: 0,
      replyCount: 0,
      repostCount: 0,
      ...(images.length > 0 && { embed: { $type: 'app.bsky.embed.images#view', images } }),
    },
  }
}

interface EmbeddedImage {
  readonly image: unknown
  readonly alt?: unknown
  readonly aspectRatio?: unknown
}

function imagesOf({ embed }: TestRecord['value']): readonly EmbeddedImage[] {
  const hasImages = typeof embed === 'object' && embed !== null && 'images' in embed
  return hasImages && Array.isArray(embed.images) ? embed.images.filter(isEmbeddedImage) : []
}

function isEmbeddedImage(value: unknown): value is EmbeddedImage {
  return typeof value === 'object' && value !== null && 'image' in value
}

/** Where a blob of a record can be had; undefined when it is none. */
function blobUrl(did: string, blob: unknown, { origin }: PdsDeps): string | undefined {
  if (typeof blob !== 'object' || blob === null || !('ref' in blob)) return undefined
  const { ref } = blob
  if (typeof ref !== 'object' || ref === null || !('$link' in ref)) return undefined
  const query = new URLSearchParams({ did, cid: String(ref.$link) })
  return `${origin()}/xrpc/com.atproto.sync.getBlob?${query}`
}
