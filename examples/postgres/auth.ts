import { type AtprotoAuth, createAtprotoAuth } from 'next-atproto-auth'
import { createPostgresStore } from 'next-atproto-auth/stores/postgres'
import { pool } from './database'
import { saveUser } from './users'

export const auth: AtprotoAuth = createAtprotoAuth({
  clientName: 'My App',
  scope: 'atproto',
  store: createPostgresStore({ pool }),
  async onSignIn({ did }) {
    await saveUser(did, await auth.accountKeys(did))
  },
})
