/**
 * The loopback client of development. Its client_id declares everything: authorization servers derive its metadata from
 * the client_id alone (atproto.com/specs/oauth, "Localhost Client Development").
 */
import { ConfigurationError } from '../../errors.ts'
import { parseDeclaredScope } from '../scope/lint.ts'
import { type ClientMetadata, prescribed } from './build.ts'

/** What an application wrote in addition to the client_id. */
export interface LoopbackFields {
  readonly client_id: string
  readonly application_type?: 'web' | 'native'
  readonly redirect_uris?: ClientMetadata['redirect_uris']
  readonly scope?: string
  readonly token_endpoint_auth_method?: string
}

/** What a loopback client_id declares. */
interface LoopbackDeclaration {
  readonly redirectUris: readonly [string, ...string[]]
  readonly scope: string
}

/** What authorization servers assume when the client_id names no redirect URI. */
const DEFAULT_REDIRECT_URIS = ['http://127.0.0.1/', 'http://[::1]/'] as const

/** Whether a client_id is meant to be the loopback form; `completeLoopbackMetadata` says whether it is. */
export function isLoopbackClientId(clientId: string): boolean {
  return clientId.startsWith('http:')
}

/**
 * The metadata document of a loopback client. What is written in addition to the client_id must agree with it.
 *
 * @throws ConfigurationError
 */
export function completeLoopbackMetadata(metadata: LoopbackFields): ClientMetadata {
  const declared = parseLoopbackClientId(metadata.client_id)
  const { client_id, application_type, redirect_uris = declared.redirectUris } = metadata
  const scope = parseDeclaredScope(declared.scope).join(' ')
  const isPublic = [undefined, 'none'].includes(metadata.token_endpoint_auth_method)
  if (!isPublic) throw new ConfigurationError('A loopback client has no keys: its auth method is "none".')
  if (application_type === 'web')
    throw new ConfigurationError('clientMetadata.application_type of a loopback client is "native".')
  const foreign = redirect_uris.find((uri) => !isDeclared(uri, declared))
  if (foreign !== undefined) {
    throw new ConfigurationError(
      `The redirect URI ${foreign} is not in the client_id: add redirect_uri=${encodeURIComponent(foreign)} to it.`,
    )
  }
  if (metadata.scope !== undefined && !sameWords(metadata.scope, scope)) {
    throw new ConfigurationError(
      `clientMetadata.scope is "${metadata.scope}", but the client_id says "${scope}": servers go by the client_id.`,
    )
  }
  return {
    client_id,
    ...prescribed,
    application_type: 'native',
    redirect_uris,
    scope,
    token_endpoint_auth_method: 'none',
  }
}

function sameWords(one: string, other: string): boolean {
  const [words, others] = [one, other].map((scope) => scope.split(' ').filter(Boolean).toSorted().join(' '))
  return words === others
}

/**
 * Redirect URIs and scope of a loopback client_id, with the defaults that servers assume.
 *
 * @throws ConfigurationError when it holds anything but `redirect_uri` and one `scope`
 */
function parseLoopbackClientId(clientId: string): LoopbackDeclaration {
  // The text counts: a URL parser would correct a path or a port that servers refuse.
  const [match, query = ''] = /^http:\/\/localhost\/?(?:\?([^#]*))?$/.exec(clientId) ?? []
  if (match === undefined) {
    throw new ConfigurationError(
      `A loopback client_id is http://localhost, with neither port nor path nor fragment; it is ${clientId}.`,
    )
  }
  const params = new URLSearchParams(query)
  const other = [...params.keys()].find((name) => name !== 'scope' && name !== 'redirect_uri')
  if (other !== undefined)
    throw new ConfigurationError(`A loopback client_id may not hold the parameter ${other}.`)
  const scopes = params.getAll('scope')
  if (scopes.length > 1) throw new ConfigurationError('A loopback client_id may hold one scope parameter.')
  const [first = DEFAULT_REDIRECT_URIS[0], ...rest] = params.getAll('redirect_uri').map(parseLoopbackRedirect)
  const redirectUris = params.has('redirect_uri') ? ([first, ...rest] as const) : DEFAULT_REDIRECT_URIS
  return { redirectUris, scope: scopes[0] ?? 'atproto' }
}

const loopbackRedirect = /^http:\/\/(127\.0\.0\.1|\[::1\])(:\d{1,5})?([/?][^\s\p{Cc}#]*)?$/u

/**
 * A redirect URI on this machine, as RFC 8252 §7.3 has it. `localhost` is no such: the name may lead elsewhere.
 *
 * @throws ConfigurationError
 */
export function parseLoopbackRedirect(uri: string): string {
  // The text counts here, too.
  if (loopbackRedirect.test(uri) && URL.canParse(uri)) return uri
  throw new ConfigurationError(
    `A loopback redirect URI begins with http://127.0.0.1 or http://[::1], without credentials and fragment; it is ${uri}.`,
  )
}

/**
 * Whether a redirect URI is one that a loopback client_id declares. A declared URI without port stands for
 * every port.
 */
function isDeclared(uri: string, { redirectUris }: LoopbackDeclaration): boolean {
  return redirectUris.some((declared) => uri === declared || sameButPort(uri, declared))
}

function sameButPort(uri: string, declared: string): boolean {
  const [requested, wanted] = [URL.parse(uri), URL.parse(declared)]
  if (!requested || !wanted || wanted.port) return false
  requested.port = ''
  return requested.href === wanted.href
}
