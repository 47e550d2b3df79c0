import { AtprotoAuthError, ScopeMissingError, TokenRevokedError } from 'next-atproto-auth'
import { atproto } from '../atproto'
import { type Connection, endConnection } from '../connections'
import { type Post, postOnce } from './post-once'

/** `later`: the next run has to try again. `ended`: the user has to connect the account again. */
export type Outcome = 'posted' | 'later' | 'ended'

/** Each connection by itself: one that fails stops no other. */
export function postForAll(connections: readonly Connection[], post: Post): Promise<readonly Outcome[]> {
  return Promise.all(connections.map((connection) => postFor(connection, post)))
}

async function postFor(connection: Connection, post: Post): Promise<Outcome> {
  try {
    await postOnce(await atproto.restore(connection.did, connection), post)
    return 'posted'
  } catch (error) {
    if (error instanceof TokenRevokedError || error instanceof ScopeMissingError) {
      await endConnection(connection)
      return 'ended'
    }
    // Waiting does not help: the configuration lacks something, for instance, or the server refuses the record.
    if (!(error instanceof AtprotoAuthError && error.retryable)) console.error(String(error))
    return 'later'
  }
}
