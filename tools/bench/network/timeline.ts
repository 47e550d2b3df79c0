/** A timeline of 50 posts in the form of `app.bsky.feed.getTimeline`, the same in every run. */
import { createHash } from 'node:crypto'
import { person } from './people.ts'

const POSTS = 50
const BEGUN = Date.UTC(2026, 0, 1)
const WORDS = (
  'the a of and to in that it was for on are with as they at be this from have or by one had not but what all were ' +
  'when we there can an your which their said if do will each about how up out them then she many some so these would ' +
  'other into has more her two like him see time could no make than first been its who now people my made over did ' +
  'down only way find use may water long little very after words called just where most know'
).split(' ')

/** Letters and digits that do not compress, as ids and hashes are. */
function token(seed: string, length: number): string {
  return createHash('sha512').update(seed).digest('hex').repeat(2).slice(0, length)
}

function text(seed: number): string {
  const bytes = createHash('sha512').update(`text ${seed}`).digest()
  return Array.from(bytes.subarray(0, 12 + (seed % 30)), (byte) => WORDS[byte % WORDS.length]).join(' ')
}

function author(number: number) {
  const { did, handle } = person(number)
  const picture = `https://cdn.bsky.app/img/avatar/plain/${did}/bafkrei${token(did, 52)}`
  return {
    did,
    handle,
    displayName: `User number ${number}`,
    avatar: picture,
    associated: {
      chat: { allowIncoming: 'following' },
      activitySubscription: { allowSubscriptions: 'followers' },
    },
    viewer: {
      muted: false,
      blockedBy: false,
      following: `at://${did}/app.bsky.graph.follow/3l${token(handle, 11)}`,
    },
    labels: [],
    createdAt: new Date(BEGUN + number * 1e6).toISOString(),
  }
}

function images(seed: number) {
  const count = seed % 3
  const link = (kind: string, n: number) =>
    `https://cdn.bsky.app/img/${kind}/plain/${person(seed).did}/bafkrei${token(`image ${seed} ${n}`, 52)}`
  return Array.from({ length: count }, (_, n) => ({
    thumb: link('feed_thumbnail', n),
    fullsize: link('feed_fullsize', n),
    alt: text(seed + n),
    aspectRatio: { height: 1200 + n, width: 900 + seed },
  }))
}

function post(seed: number) {
  const by = author(seed % 31)
  const pictures = images(seed)
  const createdAt = new Date(BEGUN + seed * 97_531).toISOString()
  return {
    post: {
      uri: `at://${by.did}/app.bsky.feed.post/3m${token(`post ${seed}`, 11)}`,
      cid: `bafyrei${token(`cid ${seed}`, 52)}`,
      author: by,
      record: { $type: 'app.bsky.feed.post', createdAt, langs: ['en'], text: text(seed) },
      ...(pictures.length > 0 && { embed: { $type: 'app.bsky.embed.images#view', images: pictures } }),
      bookmarkCount: seed % 4,
      replyCount: seed % 7,
      repostCount: (seed * 3) % 41,
      likeCount: (seed * 11) % 503,
      quoteCount: seed % 5,
      indexedAt: createdAt,
      viewer: { bookmarked: false, threadMuted: false, embeddingDisabled: false },
      labels: [],
    },
  }
}

export const timeline = {
  feed: Array.from({ length: POSTS }, (_, n) => post(n)),
  cursor: token('cursor', 24),
}
