/** Writes to a SQLite file until it is killed: node sqlite-writer.ts <path>; prints each number once it is stored. */
import { createSqliteStore } from '../../../lib/store/sqlite.ts'

const [path = ''] = process.argv.slice(2)
const store = createSqliteStore({ path })
for (let number = 1; ; number += 1) {
  await store.set(`key ${number % 50}`, `${number} ${'x'.repeat(2_000)}`, 600_000)
  await store.set('last', String(number), 600_000)
  await store.lease(`lease ${number % 10}`, 'writer', 600_000)
  process.stdout.write(`${number}\n`)
}
