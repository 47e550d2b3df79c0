/** What a script holds that has no session: a refresh token, and the DPoP key that it is bound to. */
import { generatePrivateJwk, jwkToKey } from 'next-atproto-auth/oauth'
import { alice, type NetworkOptions, startScriptedNetwork } from './scripted-network.ts'

export const clientId = 'http://localhost?scope=atproto'
export const localNetwork = {}
export const key = await jwkToKey(await generatePrivateJwk())

/** A network, and what a script would hold after somebody signed in for it. */
export async function startScript(options: NetworkOptions & { readonly kid?: string } = {}) {
  const network = await startScriptedNetwork(options)
  const { as, pds } = network.home
  const holder = { clientId, kid: options.kid, jkt: key.jkt }
  const grant = as.grants.issue({ holder, did: alice.did, scope: 'atproto repo:a.b.c' })
  const { refreshToken, accessToken } = grant
  return {
    network,
    as,
    pds,
    refreshToken,
    accessToken,
    script: { issuer: as.origin, refreshToken, key, clientId, localNetwork },
    tokenUrl: `${as.origin}/oauth/token`,
    [Symbol.asyncDispose]: () => network[Symbol.asyncDispose](),
  }
}
