/** An internet of one honest account, whose documents a test may let name a hostile host. */
import { createGuardedFetch, type GuardedFetch } from '../../../lib/net/guarded-fetch.ts'
import { ISSUER, PDS } from './context.ts'
import { hostileLookup } from './hostile-hosts.ts'
import { ALICE } from './names.ts'

export const PLC = 'https://plc.host.dev'

/** The honest part of the internet; everything else goes through the door of production. */
export function internet(pages: Readonly<Record<string, Response>>): GuardedFetch {
  const door = createGuardedFetch({ lookup: hostileLookup })
  return async (url, request) => pages[String(url)]?.clone() ?? door(url, request)
}

/** The document of alice, with that PDS. */
export const documentOf = (pds: string) => ({
  [`${PLC}/${ALICE}`]: Response.json({
    id: ALICE,
    service: [{ id: '#atproto_pds', type: 'AtprotoPersonalDataServer', serviceEndpoint: pds }],
  }),
})
/** The metadata of her PDS, with that authorization server. */
export const resourceOf = (issuer: string) => ({
  [`${PDS}/.well-known/oauth-protected-resource`]: Response.json({
    resource: PDS,
    authorization_servers: [issuer],
  }),
})
/** The metadata of its authorization server, with changes. */
export const metadataOf = (changes: object) => ({
  [`${ISSUER}/.well-known/oauth-authorization-server`]: Response.json({
    issuer: ISSUER,
    authorization_endpoint: `${ISSUER}/authorize`,
    token_endpoint: `${ISSUER}/token`,
    pushed_authorization_request_endpoint: `${ISSUER}/par`,
    client_id_metadata_document_supported: true,
    authorization_response_iss_parameter_supported: true,
    ...changes,
  }),
})
