import { PGlite } from '@electric-sql/pglite'
import { afterAll } from 'vitest'
import { createPostgresStore } from '../../lib/store/postgres/index.ts'
import { describeStore } from '../support/contract/describe-store.ts'
import { postgresClock } from '../support/contract/postgres-clock.ts'

const database = new PGlite()
afterAll(() => database.close())

describeStore(
  'PostgreSQL, embedded (PGlite)',
  async () => {
    await database.exec('DROP TABLE IF EXISTS atproto_auth CASCADE')
    return createPostgresStore({ pool: database, migrate: true })
  },
  postgresClock(() => database),
)
