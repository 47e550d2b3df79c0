import { randomInt } from 'node:crypto'
import { type OAuthSession, XrpcError } from 'next-atproto-auth/oauth'

export interface Post {
  /** Its key in the repository of each account. */
  readonly rkey: string
  readonly text: string
  readonly createdAt: string
}

const collection = 'app.bsky.feed.post'

/** Store it before the first try: each try has to use the same key. */
export function newPost(text: string): Post {
  return { rkey: newTid(), text, createdAt: new Date().toISOString() }
}

/** Posts, unless an earlier try has done so whose answer was lost. */
export async function postOnce(session: OAuthSession, { rkey, ...post }: Post): Promise<void> {
  const place = { repo: session.did, collection, rkey }
  const record = { $type: collection, ...post }
  try {
    await session.post('com.atproto.repo.createRecord', { body: { ...place, record } })
  } catch (error) {
    // A server refuses a second record of one key.
    if (!(error instanceof XrpcError && (await exists(session, place)))) throw error
  }
}

function exists(session: OAuthSession, params: Readonly<Record<string, string>>): Promise<boolean> {
  return session.get('com.atproto.repo.getRecord', { params }).then(
    () => true,
    () => false,
  )
}

/** A timestamp in microseconds and a random number, as https://atproto.com/specs/tid has it. */
function newTid(): string {
  const time = BigInt(Date.now()) * BigInt(1_000) + BigInt(randomInt(1_000))
  const bits = (time * BigInt(1_024) + BigInt(randomInt(1_024))).toString(2).padStart(65, '0')
  const groups = bits.match(/.{5}/g) ?? []
  return groups.map((group) => '234567abcdefghijklmnopqrstuvwxyz'.charAt(Number.parseInt(group, 2))).join('')
}
