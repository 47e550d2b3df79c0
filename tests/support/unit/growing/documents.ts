/** Documents that say who an account is, and which servers and clients there are. */
import { readProfile } from '../../../../lib/identity/account-profile.ts'
import { describeServer, discoverIssuer } from '../../../../lib/identity/discover-server.ts'
import { resolveDid } from '../../../../lib/identity/resolve-did.ts'
import { parseDid } from '../../../../lib/identity/syntax.ts'
import type { GuardedFetch } from '../../../../lib/net/guarded-fetch.ts'
import { fetchClientMetadata } from '../../../../lib/oauth/client-metadata/fetch.ts'
import { parseSuggestions } from '../../../../lib/react/suggestions/handle-search.ts'
import { type GrowingInputs, jsonInputs, listOf, many } from './inputs.ts'

const json = { 'content-type': 'application/json' }
const did = parseDid('did:plc:ewvi7nxzyoun6zhxrhs64oiz')
const [PDS, ISSUER] = ['https://pds.host.dev', 'https://as.host.dev']
const identityOf = (text: string) => {
  const fetch: GuardedFetch = async () => new Response(text, { headers: json })
  return { fetch, resolveTxt: async () => [], plcDirectory: 'https://plc.host.dev', allowLoopback: false }
}

export const growingDocuments: readonly GrowingInputs[] = [
  {
    parser: 'DID document',
    inputs: {
      ...jsonInputs,
      handles: listOf('at://alice.host.dev.', `{"id":"${did}","alsoKnownAs":[`, ']}'),
      services: listOf(
        { id: '#atproto_pds', type: 'a', serviceEndpoint: PDS },
        `{"id":"${did}","service":[`,
        ']}',
      ),
    },
    run: (text) => resolveDid(did, identityOf(text)),
  },
  {
    parser: 'metadata of a PDS',
    inputs: {
      ...jsonInputs,
      issuers: listOf(ISSUER, `{"resource":"${PDS}","authorization_servers":[`, ']}'),
    },
    run: (text) => discoverIssuer(PDS, identityOf(text)),
  },
  {
    parser: 'metadata of a server',
    inputs: {
      ...jsonInputs,
      resources: listOf('https://a.dev', `{"issuer":"${ISSUER}","protected_resources":[`, ']}'),
      algorithms: listOf('RS256', `{"issuer":"${ISSUER}","dpop_signing_alg_values_supported":[`, ']}'),
    },
    run: (text) => describeServer({ issuer: ISSUER, pds: PDS, authMethod: 'none' }, identityOf(text)),
  },
  {
    parser: 'metadata of another client',
    inputs: {
      ...jsonInputs,
      addresses: listOf(
        'https://app.host.dev/cb',
        '{"client_id":"https://app.host.dev/c","redirect_uris":[',
        ']}',
      ),
      scope: many(
        'a ',
        '{"client_id":"https://app.host.dev/c","redirect_uris":["https://app.host.dev/cb"],"scope":"',
        '"}',
      ),
    },
    run: (text) => fetchClientMetadata({ clientId: 'https://app.host.dev/c' }, identityOf(text).fetch),
  },
  {
    parser: 'profile record',
    inputs: { ...jsonInputs, name: many('e\u0301', '{"value":{"displayName":"', '"}}') },
    run: (text) => readProfile(did, identityOf(text)),
  },
  {
    parser: 'suggested accounts',
    inputs: {
      actors: listOf({ handle: 'alice.host.dev', displayName: ' a' }, '{"actors":[', ']}'),
      handle: many('a.', '{"actors":[{"handle":"', '"}]}'),
    },
    run: (text) => parseSuggestions(JSON.parse(text)),
  },
]
