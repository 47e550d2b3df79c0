/** Sign-ins that were begun by one call and are finished by another: sealed, and used once. */
import { z } from 'zod'
import { sha256 } from '../../crypto/derive.ts'
import { createSealer } from '../../crypto/seal.ts'
import type { RowsDeps } from './account-rows.ts'
import { networkSchema } from './network-settings.ts'
import { publicClientSchema } from './public-clients.ts'

const signInSchema = z.object({
  version: z.literal(1),
  client: publicClientSchema,
  network: networkSchema,
  redirectUri: z.string(),
})

/** As which client a sign-in was begun, and where the browser comes back to. */
export type SignIn = z.infer<typeof signInSchema>

export interface SignInRows {
  put(state: string, signIn: SignIn): Promise<void>
  /** The row, left where it is. */
  read(state: string): Promise<SignIn | undefined>
  /** The row, removed in the same step. */
  take(state: string): Promise<SignIn | undefined>
}

/** As long as the client remembers its half. */
const TTL_MS = 30 * 60_000

export function createSignInRows({ store, secrets }: RowsDeps): SignInRows {
  const sealer = createSealer(secrets, 'command line sign-in row')
  const open = async (sealed: string | undefined, hash: string) =>
    signInSchema.safeParse(sealed && (await sealer.open(sealed, [hash]))).data

  return {
    async put(state, signIn) {
      const hash = await sha256(state)
      await store.set(`cli-sign-in:${hash}`, await sealer.seal(signIn, [hash]), TTL_MS)
    },
    async read(state) {
      const hash = await sha256(state)
      return open((await store.get(`cli-sign-in:${hash}`))?.value, hash)
    },
    async take(state) {
      const hash = await sha256(state)
      return open(await store.take(`cli-sign-in:${hash}`), hash)
    },
  }
}
