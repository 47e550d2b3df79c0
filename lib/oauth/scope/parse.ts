/**
 * One scope, read: `resource:positional?name=value&…` (atproto.com/specs/permission, "Scope String Syntax"), or one
 * of the static scopes of the profile. Servers silently ignore what they cannot read in a request.
 */
import {
  type Definition,
  definitions,
  type InvalidScope,
  invalid,
  type Scope,
  type TransitionName,
} from './scope-definitions.ts'

const transitionNames: readonly TransitionName[] = ['generic', 'email', 'chat.bsky']
/** RFC 6749 §3.3, scope-token. */
const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]+$/

/** The words of a space-separated scope, each once, in their order. */
export function splitScope(scope: string): readonly string[] {
  return [...new Set(scope.split(' ').filter(Boolean))]
}

/** Parses one scope; for an invalid one, the reason. */
export function readScope(text: string): Scope | InvalidScope {
  if (!scopeToken.test(text)) return invalid('holds a character that OAuth allows in no scope')
  if (text === 'atproto') return { resource: 'atproto' }
  const transition = transitionNames.find((name) => text === `transition:${name}`)
  if (transition) return { resource: 'transition', name: transition }
  const [, resource = '', positional, query] = /^([^:?]*)(?::([^?]*))?(?:\?(.*))?$/.exec(text) ?? []
  const definition = Object.hasOwn(definitions, resource) ? definitions[resource] : undefined
  if (!definition) return invalid('names no resource of the AT Protocol')
  if (positional && !isPercentEncoded(positional)) return invalid('is not properly percent-encoded')
  return readParameters(definition, positional && decodeURIComponent(positional), new URLSearchParams(query))
}

function readParameters(
  { positional: positionalName, parameters, build }: Definition,
  positional: string | undefined,
  query: URLSearchParams,
): Scope | InvalidScope {
  for (const name of query.keys()) {
    if (!Object.hasOwn(parameters, name)) return invalid(`has an unknown parameter "${name}"`)
  }
  if (positional !== undefined) {
    if (query.has(positionalName))
      return invalid(`names ${positionalName} twice: behind the colon and after ?`)
    query.append(positionalName, positional)
  }
  for (const [name, { isValid, expected, isOptional, isSingle }] of Object.entries(parameters)) {
    const values = query.getAll(name)
    if (values.length === 0 && !isOptional) return invalid(`needs ${name}: ${expected}`)
    if (values.length > 1 && isSingle) return invalid(`may name only one ${name}`)
    const wrong = values.find((value) => !isValid(value))
    if (wrong !== undefined) return invalid(`has "${wrong}" as ${name}, expected ${expected}`)
  }
  return build((name) => query.getAll(name))
}

function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}
