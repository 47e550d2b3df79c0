/**
 * The accounts that are signed in on the command line. A store cannot be searched by account, so the command line keeps
 * a row for each account: the id of its session, and the client that began it. Rows are sealed and in the same store.
 */
import { z } from 'zod'
import { createBlindIndex } from '../../crypto/blind-index.ts'
import { createSealer } from '../../crypto/seal.ts'
import { isDid, isHandle } from '../../identity/syntax.ts'
import type { Store } from '../../store/contract.ts'
import { networkSchema } from './network-options.ts'
import { publicClientSchema } from './public-clients.ts'

const accountSchema = z.object({
  version: z.literal(1),
  did: z.string().refine(isDid),
  /** The handle at the time of the sign-in. */
  handle: z.string().refine(isHandle).nullable(),
  sessionId: z.string(),
  client: publicClientSchema,
  network: networkSchema,
  /** Epoch milliseconds. */
  signedInAt: z.number(),
  /** Whether its secrets were printed, so that another program uses and refreshes the session. */
  isShared: z.boolean(),
})

/** A signed-in account. */
export type Account = z.infer<typeof accountSchema>

export interface RowsDeps {
  readonly store: Store
  /** Newest first. */
  readonly secrets: readonly [string, ...string[]]
}

export interface SignedInAccounts {
  /** All accounts; the one that signed in last comes first. */
  list(): Promise<readonly Account[]>
  /** Writes the row of an account and replaces an existing one. */
  put(account: Account): Promise<void>
  remove(did: string): Promise<void>
}

const INDEX = 'cli-accounts'
/** Longer than any session: a row without its session tells who has to sign in again. */
const TTL_MS = 365 * 24 * 60 * 60_000

export function createSignedInAccounts({ store, secrets }: RowsDeps): SignedInAccounts {
  const sealer = createSealer(secrets, 'command line account row')
  const blindIndex = createBlindIndex(secrets, 'command line account')
  const keyOf = (name: string) => `cli-account:${name}`

  async function read(name: string): Promise<Account | undefined> {
    const stored = await store.get(keyOf(name))
    return accountSchema.safeParse(stored && (await sealer.open(stored.value, [name]))).data
  }

  async function forget(name: string): Promise<void> {
    await store.delete(keyOf(name))
    await store.removeMember(INDEX, name)
  }

  return {
    async list() {
      const rows = await Promise.all((await store.members(INDEX)).map(read))
      const found = rows.filter((row) => row !== undefined)
      return found.toSorted((one, other) => other.signedInAt - one.signedInAt)
    },
    async put(account) {
      const [name = '', ...older] = await blindIndex(account.did)
      await store.set(keyOf(name), await sealer.seal(account, [name]), TTL_MS)
      await store.addMember(INDEX, name, TTL_MS)
      await Promise.all(older.map(forget))
    },
    async remove(did) {
      await Promise.all((await blindIndex(did)).map(forget))
    },
  }
}
