/** Sign-ins that one command began and another will finish. Rows are sealed and used once. */
import { z } from 'zod'
import { sha256Async } from '../../crypto/derive.ts'
import { createSealer } from '../../crypto/seal.ts'
import { networkSchema } from './network-options.ts'
import { publicClientSchema } from './public-clients.ts'
import type { RowsDeps } from './signed-in-accounts.ts'

const signInSchema = z.object({
  version: z.literal(1),
  client: publicClientSchema,
  network: networkSchema,
  redirectUri: z.string(),
})

/** The client that began a sign-in, and the redirect URI to which the browser returns. */
export type PendingSignIn = z.infer<typeof signInSchema>

export interface PendingSignIns {
  put(state: string, signIn: PendingSignIn): Promise<void>
  /** Resolves to the sign-in without removing it. */
  read(state: string): Promise<PendingSignIn | undefined>
  /** Resolves to the sign-in and removes it in the same step. */
  take(state: string): Promise<PendingSignIn | undefined>
}

/** The same time for which the OAuth client keeps its state. */
const TTL_MS = 30 * 60_000

export function createPendingSignIns({ store, secrets }: RowsDeps): PendingSignIns {
  const sealer = createSealer(secrets, 'command line sign-in row')
  const open = async (sealed: string | undefined, hash: string) =>
    signInSchema.safeParse(sealed && (await sealer.open(sealed, [hash]))).data

  return {
    async put(state, signIn) {
      const hash = await sha256Async(state)
      await store.set(`cli-sign-in:${hash}`, await sealer.seal(signIn, [hash]), TTL_MS)
    },
    async read(state) {
      const hash = await sha256Async(state)
      return open((await store.get(`cli-sign-in:${hash}`))?.value, hash)
    },
    async take(state) {
      const hash = await sha256Async(state)
      return open(await store.take(`cli-sign-in:${hash}`), hash)
    },
  }
}
