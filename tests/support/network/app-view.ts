/**
 * A small AppView for the local network: everybody follows everybody, and a timeline is all posts of all accounts. A
 * PDS finds it by its did:web document and passes `app.bsky.feed.getTimeline` on with a service token. It believes the
 * token's claims without checking the signature: whoever reaches it is on this machine.
 */
import type { IncomingMessage } from 'node:http'
import type { LocalAccount } from './accounts.ts'
import { closeServer, dropConnection, listenOnLoopback, portOf } from './loopback-server.ts'

/** `open`: answers. `unavailable`: 503 to everything. `drop`: connections are cut. */
export type AppViewMode = 'open' | 'unavailable' | 'drop'

/** Who asked what, by the service token that came along. */
export interface TimelineCall {
  readonly iss: unknown
  readonly aud: unknown
  readonly lxm: unknown
}

export interface LocalAppView extends AsyncDisposable {
  /** As in APPVIEW and in `rpc` scopes. */
  readonly service: string
  readonly did: string
  mode: AppViewMode
  /** What moderators say about posts, by at:// URI. */
  readonly labels: Map<string, string>
  readonly calls: readonly TimelineCall[]
}

const pageSize = 30

/**
 * Starts the AppView.
 *
 * @param port 0 for a free port
 */
export async function startAppView(port: number, accounts: readonly LocalAccount[]): Promise<LocalAppView> {
  const server = await listenOnLoopback(port)
  const did = `did:web:localhost%3A${portOf(server)}`
  const calls: TimelineCall[] = []
  const labels = new Map<string, string>()
  const appView: LocalAppView = {
    service: `${did}#bsky_appview`,
    did,
    mode: 'open',
    labels,
    calls,
    [Symbol.asyncDispose]: () => closeServer(server),
  }
  server.on('request', async (request, response) => {
    if (appView.mode === 'drop') return dropConnection(request.socket)
    const { status, body } =
      appView.mode === 'open'
        ? await answer(request, { did, port: portOf(server), accounts, labels, calls })
        : { status: 503, body: { error: 'Unavailable' } }
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  return appView
}

interface World {
  readonly did: string
  readonly port: number
  readonly accounts: readonly LocalAccount[]
  readonly labels: ReadonlyMap<string, string>
  readonly calls: TimelineCall[]
}

async function answer(request: IncomingMessage, { did, port, accounts, labels, calls }: World) {
  const url = new URL(request.url ?? '/', 'http://appview.invalid')
  if (url.pathname === '/.well-known/did.json') {
    const serviceEndpoint = `http://localhost:${port}`
    const service = [{ id: '#bsky_appview', type: 'BskyAppView', serviceEndpoint }]
    return { status: 200, body: { '@context': ['https://www.w3.org/ns/did/v1'], id: did, service } }
  }
  if (url.pathname !== '/xrpc/app.bsky.feed.getTimeline') {
    return { status: 501, body: { error: 'MethodNotImplemented' } }
  }
  const claims = readClaims(request.headers.authorization)
  if (!claims || claims.aud !== did) return { status: 401, body: { error: 'AuthMissing' } }
  calls.push(claims)
  const posts = (await Promise.all(accounts.map((account) => postsOf(account, labels)))).flat()
  const newestFirst = posts.sort((a, b) => b.post.indexedAt.localeCompare(a.post.indexedAt))
  const start = Number(url.searchParams.get('cursor') ?? 0)
  const feed = newestFirst.slice(start, start + pageSize)
  const hasMore = newestFirst.length > start + pageSize
  return { status: 200, body: { feed, ...(hasMore && { cursor: String(start + pageSize) }) } }
}

function readClaims(authorization: string | undefined): TimelineCall | undefined {
  const [, payload] = /^Bearer [^.]+\.([^.]+)\./.exec(authorization ?? '') ?? []
  if (payload === undefined) return undefined
  const { iss, aud, lxm } = JSON.parse(Buffer.from(payload, 'base64url').toString())
  return { iss, aud, lxm }
}

/** The newest posts of an account, in the words of `app.bsky.feed.defs#feedViewPost`. */
async function postsOf(account: LocalAccount, labels: ReadonlyMap<string, string>) {
  const { did, handle, displayName, pdsUrl } = account
  const [profile, posts] = await Promise.all([
    listRecords(account, 'app.bsky.actor.profile'),
    listRecords(account, 'app.bsky.feed.post'),
  ])
  const blobUrl = (blob: { ref: { $link: string } } | undefined) =>
    blob && `${pdsUrl}/xrpc/com.atproto.sync.getBlob?${new URLSearchParams({ did, cid: blob.ref.$link })}`
  const avatar = blobUrl(profile[0]?.value.avatar)
  return posts.map(({ uri, cid, value }) => ({
    post: {
      uri,
      cid,
      record: value,
      indexedAt: value.createdAt ?? '',
      author: { did, handle, displayName, ...(avatar && { avatar }) },
      labels: labels.has(uri) ? [{ src: 'did:example:mod', uri, val: labels.get(uri), cts: '' }] : [],
      ...(value.embed?.images && {
        embed: {
          $type: 'app.bsky.embed.images#view',
          images: value.embed.images.map(({ image, alt, aspectRatio }) => ({
            thumb: blobUrl(image),
            fullsize: blobUrl(image),
            alt,
            aspectRatio,
          })),
        },
      }),
    },
  }))
}

interface Blob {
  readonly ref: { readonly $link: string }
}

interface RecordView {
  readonly uri: string
  readonly cid: string
  readonly value: {
    readonly createdAt?: string
    readonly avatar?: Blob
    readonly embed?: {
      readonly images?: readonly {
        readonly image: Blob
        readonly alt: string
        readonly aspectRatio?: unknown
      }[]
    }
  }
}

async function listRecords(
  { did, pdsUrl }: LocalAccount,
  collection: string,
): Promise<readonly RecordView[]> {
  const query = new URLSearchParams({ repo: did, collection, limit: '100' })
  const response = await fetch(`${pdsUrl}/xrpc/com.atproto.repo.listRecords?${query}`)
  if (!response.ok) return []
  return (await response.json()).records
}
