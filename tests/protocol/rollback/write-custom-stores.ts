/** Lets a version of the library write to an application's `sessionStore` and `stateStore`. */
import type { InternalStateData, Session } from 'next-atproto-auth/oauth'
import { createJsonStore } from '../../support/json-store.ts'
import type { Library } from './library.ts'
import {
  describeClient,
  readKeyset,
  startWritingNetwork,
  writeSessions,
  writeStates,
} from './write-client.ts'
import type { WrittenCustomStores } from './written.ts'

/** As `writeApplication`. */
export async function writeCustomStores(library: Library, publicUrl: string): Promise<WrittenCustomStores> {
  await using network = await startWritingNetwork()
  const { localNetwork, addresses } = network
  const [states, sessions] = [createJsonStore<InternalStateData>(), createJsonStore<Session>()]
  const client = new library.OAuthClient({
    clientMetadata: describeClient(library, publicUrl),
    keyset: await readKeyset(library, publicUrl),
    stateStore: states.store,
    sessionStore: sessions.store,
    localNetwork,
    onWarning: () => undefined,
  })
  const { full, bare, marked, official } = await writeSessions(client, network)
  const { signIn, signUp } = await writeStates(client, network)
  return {
    writtenAt: Date.now(),
    addresses,
    sessions: {
      full: sessions.read(full.did),
      bare: sessions.read(bare.did),
      marked: sessions.read(marked.did),
      official: sessions.read(official.did),
    },
    states: {
      signIn: { key: signIn, value: states.read(signIn) },
      signUp: { key: signUp, value: states.read(signUp) },
    },
  }
}
