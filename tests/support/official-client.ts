/** The official client as its Node package sets it up, on the local network, with the rows it stores. */
import { JoseKey } from '@atproto/jwk-jose'
import { OAuthClient, type OAuthClientOptions, type Session } from '@atproto/oauth-client'
import type { LocalNetwork } from './network/network.ts'
import { approve, type Credentials } from './person.ts'

type ClientSettings = Pick<OAuthClientOptions, 'clientMetadata' | 'keyset'>

/** Signs in with it; the JSON text that its session store was given last. */
export async function signInOfficially(
  network: LocalNetwork,
  account: Credentials,
  settings: ClientSettings,
): Promise<string> {
  const states = new Map()
  let row = ''
  const client = new OAuthClient({
    ...settings,
    responseMode: 'query',
    handleResolver: network.handleResolverUrl,
    plcDirectoryUrl: network.plcUrl,
    allowHttp: true,
    runtimeImplementation: {
      createKey: (algorithms) => JoseKey.generate(algorithms),
      getRandomValues: (length) => crypto.getRandomValues(new Uint8Array(length)),
      digest: async (bytes, { name }) =>
        new Uint8Array(await crypto.subtle.digest(`SHA-${name.slice(3)}`, bytes)),
      requestLock: (_, fn) => fn(),
    },
    stateStore: {
      get: (key) => states.get(key),
      set: (key, value) => void states.set(key, value),
      del: (key) => void states.delete(key),
    },
    sessionStore: {
      get: () => undefined,
      set: (_, session) => {
        row = toRow(session)
      },
      del: () => {},
    },
  })
  await client.callback((await approve(await client.authorize(account.handle), account)).searchParams)
  return row
}

/** What the Node client makes of a session for its store: JSON with the DPoP key as JWK. */
function toRow({ dpopKey, ...rest }: Session): string {
  return JSON.stringify({ ...rest, dpopJwk: dpopKey.privateJwk })
}
