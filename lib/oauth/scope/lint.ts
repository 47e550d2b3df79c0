/**
 * The configured scope, checked when the application starts. What would break every sign-in is refused; what would
 * silently grant less than was meant causes a warning (atproto.com/specs/permission).
 */
import { ConfigurationError } from '../../errors.ts'
import { readScope } from './parse.ts'

/** Services of permission sets that are often asked for with the audience of the other one. */
const servicesOf = [
  { namespace: 'app.bsky.', service: 'did:web:api.bsky.app#bsky_appview' },
  { namespace: 'chat.bsky.', service: 'did:web:api.bsky.chat#bsky_chat' },
] as const

/**
 * The words of the scope that an application declares, in their order.
 *
 * @throws ConfigurationError when it lacks `atproto`, names something twice, holds `openid`, or holds what OAuth
 *   allows in no scope (RFC 6749 §3.3)
 */
export function parseDeclaredScope(scope: string): readonly string[] {
  const scopes = scope.split(' ').filter(Boolean)
  const malformed = scopes.find((text) => !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(text))
  if (malformed !== undefined) {
    throw new ConfigurationError(
      `The scope ${JSON.stringify(malformed)} holds a character that OAuth allows in no scope: percent-encode it.`,
    )
  }
  if (!scopes.includes('atproto'))
    throw new ConfigurationError(`The scope must contain "atproto"; it is "${scope}".`)
  if (new Set(scopes).size < scopes.length) throw new ConfigurationError('The scope names something twice.')
  if (scopes.includes('openid')) {
    throw new ConfigurationError(
      'The scope must not contain "openid": AT Protocol servers refuse it. "atproto" alone tells who signed in.',
    )
  }
  return scopes
}

/**
 * What an operator should know about the declared scope, one sentence each; empty when nothing is wrong. It neither
 * throws nor logs.
 */
export function lintScope(scope: string): readonly string[] {
  const scopes = scope.split(' ').filter(Boolean)
  const warnings = scopes.flatMap(warningsAbout)
  if (scopes.includes('transition:chat.bsky') && !scopes.includes('transition:generic')) {
    warnings.push('"transition:chat.bsky" must be used together with "transition:generic".')
  }
  return warnings
}

function warningsAbout(text: string): readonly string[] {
  const scope = readScope(text)
  if (scope.resource === 'invalid') {
    return [`The scope "${text}" ${scope.reason}; authorization servers ignore it silently.`]
  }
  if (scope.resource !== 'include') return []
  const { nsid, audience } = scope
  const known = servicesOf.find(({ namespace }) => nsid.startsWith(namespace))
  const example = (known?.service ?? 'did:web:host#service').replace('#', '%23')
  if (audience === undefined) {
    return [
      `"${text}" names no service: authorization servers silently ignore its permissions that are open to any service. ` +
        `Write "include:${nsid}?aud=${example}".`,
    ]
  }
  const isOther = servicesOf.some((other) => other !== known && other.service === audience)
  return known && isOther
    ? [`"${text}" names the service of another set; "?aud=${example}" was expected.`]
    : []
}
