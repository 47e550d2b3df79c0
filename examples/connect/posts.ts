/** What the job posts. A post stays here until no account has to be tried again. */
import { openDatabase } from './database'
import type { Post } from './jobs/post-once'

export function savePost({ rkey, text, createdAt }: Post): void {
  openTable().prepare('INSERT INTO post VALUES (?, ?, ?)').run(rkey, text, createdAt)
}

export function openPosts(): readonly Post[] {
  return openTable()
    .prepare('SELECT * FROM post')
    .all()
    .map(({ rkey, text, createdAt }) => ({
      rkey: String(rkey),
      text: String(text),
      createdAt: String(createdAt),
    }))
}

export function finishPost({ rkey }: Post): void {
  openTable().prepare('DELETE FROM post WHERE rkey = ?').run(rkey)
}

function openTable() {
  const database = openDatabase()
  database.exec('CREATE TABLE IF NOT EXISTS post (rkey TEXT PRIMARY KEY, text TEXT, createdAt TEXT)')
  return database
}
