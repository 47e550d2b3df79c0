/** Fills a store with copies of the sessions in it, which are as large as these and open nowhere. */
import { randomBytes } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { createClient } from 'redis'

const PREFIX = 'atproto:'
/** Commands that are sent to Redis before their answers are awaited. */
const BATCH = 2_000

/** Adds `count` rows of sessions, and an index for each. */
export async function fillSqlite(path: string, count: number): Promise<void> {
  using database = new DatabaseSync(path, { timeout: 5_000 })
  const row = database
    .prepare("SELECT length(value) AS length, expires_at FROM entry WHERE key LIKE 'session:%' LIMIT 1")
    .get()
  const index = database.prepare('SELECT length(name) AS length, expires_at FROM member LIMIT 1').get()
  if (!row || !index) throw new Error(`There is no session in ${path}.`)
  const entry = database.prepare('INSERT INTO entry (key, value, generation, expires_at) VALUES (?, ?, 1, ?)')
  const member = database.prepare('INSERT INTO member (name, member, expires_at) VALUES (?, ?, ?)')
  database.exec('BEGIN')
  for (let n = 0; n < count; n += 1) {
    const hash = name()
    entry.run(`session:${hash}`, text(Number(row.length)), Number(row.expires_at))
    member.run(`account:${name()}`, hash, Number(index.expires_at))
  }
  database.exec('COMMIT')
  // No application writes all rows at once: the log that this leaves is not part of the store's size.
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
}

/** File and write-ahead log. */
export async function sizeOfSqlite(path: string): Promise<number> {
  const sizes = [path, `${path}-wal`].map((file) =>
    stat(file).then(
      ({ size }) => size,
      // SQLite removes the log when the last connection closes.
      () => 0,
    ),
  )
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

/** Adds `count` rows of sessions, and an index for each, as Redis itself would copy them. */
export async function fillRedis(url: string, count: number): Promise<void> {
  const redis = await createClient({ url }).connect()
  try {
    const [row] = await redis.keys(`${PREFIX}row:session:*`)
    const index = (await redis.keys(`${PREFIX}*account:*`))[0]
    if (row === undefined || index === undefined) throw new Error('There is no session in this Redis.')
    const [value, ttl] = [await redis.get(row), await redis.pTTL(row)]
    const prefix = index.slice(0, index.lastIndexOf(':') + 1)
    for (let done = 0; done < count; done += BATCH) {
      const rows = Array.from({ length: Math.min(BATCH, count - done) }, async () => {
        const body = text(value?.length ?? 0)
        await redis.set(`${PREFIX}row:session:${name()}`, body, { expiration: { type: 'PX', value: ttl } })
        const copied = prefix + name()
        await redis.copy(index, copied)
        await redis.pExpire(copied, ttl)
      })
      await Promise.all(rows)
    }
  } finally {
    redis.destroy()
  }
}

/** Bytes that a Redis has taken for everything. */
export async function sizeOfRedis(url: string): Promise<number> {
  const redis = await createClient({ url }).connect()
  try {
    return Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1])
  } finally {
    redis.destroy()
  }
}

/** As long as a hash, and as unordered. */
const name = () => randomBytes(32).toString('base64url')

/** Sealed rows do not compress, and neither does this. */
const text = (length: number) => randomBytes(length).toString('base64url').slice(0, length)
