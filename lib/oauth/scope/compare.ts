/**
 * What a granted scope allows, compared by meaning (atproto.com/specs/permission; OAuth for AT Protocol, "Scopes").
 * Servers answer in a different order and spelling from the request, drop what they do not know, and replace `include:…`
 * by the permissions of that set: comparing strings would refuse good answers.
 */

import { readScope, splitScope } from './parse.ts'
import type { InvalidScope, Scope } from './scope-definitions.ts'

export interface ScopeComparison {
  /** Requested and certainly not granted, or not in full; in the spelling and order of the request. */
  readonly missing: readonly string[]
  /**
   * Requested permission sets of which the answer does not tell whether they were granted, because other
   * requested scopes account for all that it holds. No reason to ask again: ask `scopeAllows` for what is needed.
   */
  readonly undecided: readonly string[]
  /** Granted without having been requested. Nothing should rely on it. */
  readonly extra: readonly string[]
}

type Entry = (Scope | InvalidScope) & { readonly text: string }
type SetEntry = Extract<Entry, { resource: 'include' }>

/**
 * Whether the granted scope allows all that `wanted` says: `repo:app.bsky.feed.post` all three actions on posts,
 * `repo:app.bsky.feed.post?action=create` one of them. `transition:generic` allows every `repo`, `blob` and `rpc`
 * but the methods of `chat.bsky`, and nothing of `account` or `identity`.
 *
 * Only the server knows what a permission set contains: `include:…` is allowed where the grant names it, and is never
 * inferred, so ask for the permission itself. A scope that cannot be parsed is allowed where the grant has the same text.
 *
 * @param granted a session's `scope`
 * @param wanted one scope, or several that must all be allowed
 */
export function scopeAllows(granted: string, wanted: string): boolean {
  const grant = readGrant(granted)
  const entries = readEntries(wanted)
  return entries.length > 0 && entries.every((entry) => covers(grant, entry))
}

/** The requested scopes that were certainly not granted: `missing` of `compareScopes`. */
export function missingScopes(requested: string, granted: string): readonly string[] {
  return compareScopes(requested, granted).missing
}

/**
 * Compares what was granted with what was requested.
 *
 * A requested `include:…` is usually answered with the set's permissions, which all are in the set's namespace. It
 * counts as missing when the grant holds nothing there, as granted when the grant holds there what only this set
 * can account for, and is undecided otherwise. Granted says nothing about how much the set holds: a set asked for
 * without `aud` loses its `rpc` permissions in silence.
 */
export function compareScopes(requested: string, granted: string): ScopeComparison {
  const asked = readEntries(requested)
  const grant = readGrant(granted)
  const sets = asked.filter((entry) => entry.resource === 'include')
  const plain = asked.filter((entry) => entry.resource !== 'include')
  const fromSets = grant.filter((entry) => entry.resource !== 'include' && !covers(plain, entry))

  const isCertain = (set: SetEntry) =>
    covers(grant, set) ||
    fromSets.some(
      (entry) => isWithin(set, entry) && sets.every((other) => other === set || !isWithin(other, entry)),
    )
  const isMissing = (entry: Entry) =>
    entry.resource === 'include'
      ? !covers(grant, entry) && !grant.some((granted) => isWithin(entry, granted))
      : !covers(grant, entry)
  return {
    missing: textsOf(asked.filter(isMissing)),
    undecided: textsOf(sets.filter((set) => !isMissing(set) && !isCertain(set))),
    extra: textsOf(
      grant.filter((entry) => !covers(asked, entry) && !sets.some((set) => isWithin(set, entry))),
    ),
  }
}

function readEntries(scope: string): readonly Entry[] {
  return splitScope(scope).map((text) => ({ ...readScope(text), text }))
}

/** The same for what was granted: pegasus grants a list of actions as `?action=create,delete`, which is no scope. */
function readGrant(scope: string): readonly Entry[] {
  return splitScope(scope).map((text) => {
    const spelled = text.replace(
      /([?&])action=([a-z]+(?:,[a-z]+)+)(?=&|$)/,
      (_, mark: string, list: string) => {
        const actions = list.split(',').map((action) => `action=${action}`)
        return mark + actions.join('&')
      },
    )
    return { ...readScope(spelled), text }
  })
}

function textsOf(entries: readonly Entry[]): readonly string[] {
  return entries.map(({ text }) => text)
}

/** Whether the entries together allow all that `wanted` names. */
function covers(entries: readonly Entry[], wanted: Entry): boolean {
  switch (wanted.resource) {
    case 'repo':
      return wanted.collections.every((collection) =>
        wanted.actions.every((action) => entries.some((entry) => allowsRepo(entry, collection, action))),
      )
    case 'rpc':
      return wanted.methods.every((method) =>
        entries.some((entry) => allowsRpc(entry, method, wanted.audience)),
      )
    case 'blob':
      return wanted.accept.every((type) => entries.some((entry) => allowsBlob(entry, type)))
    case 'account':
      return wanted.actions.every((action) =>
        entries.some((entry) => allowsAccount(entry, wanted.attribute, action)),
      )
    case 'identity':
      return entries.some(
        (entry) => entry.resource === 'identity' && ['*', wanted.attribute].includes(entry.attribute),
      )
    case 'include':
      return entries.some(
        (entry) =>
          entry.resource === 'include' && entry.nsid === wanted.nsid && entry.audience === wanted.audience,
      )
    case 'transition':
      // It means no more than reading the address of the account, which newer servers call account:email.
      if (wanted.name === 'email') return entries.some((entry) => allowsAccount(entry, 'email', 'read'))
  }
  return entries.some((entry) => entry.text === wanted.text)
}

function isTransition(entry: Entry, name: string): boolean {
  return entry.resource === 'transition' && entry.name === name
}

function allowsRepo(entry: Entry, collection: string, action: string): boolean {
  if (entry.resource !== 'repo') return isTransition(entry, 'generic')
  return (
    entry.actions.some((allowed) => allowed === action) &&
    ['*', collection].some((allowed) => entry.collections.includes(allowed))
  )
}

function allowsRpc(entry: Entry, method: string, audience: string): boolean {
  if (entry.resource !== 'rpc') {
    // A token for all methods of a service (`*`) is one of the things that transition:generic gives.
    return isTransition(entry, method.startsWith('chat.bsky.') ? 'chat.bsky' : 'generic')
  }
  return (
    ['*', audience].includes(entry.audience) &&
    ['*', method].some((allowed) => entry.methods.includes(allowed))
  )
}

function allowsBlob(entry: Entry, type: string): boolean {
  if (entry.resource !== 'blob') return isTransition(entry, 'generic')
  return entry.accept.some(
    (allowed) =>
      allowed === '*/*' ||
      allowed === type ||
      (allowed.endsWith('/*') && type.startsWith(allowed.slice(0, -1))),
  )
}

function allowsAccount(entry: Entry, attribute: string, action: string): boolean {
  if (entry.resource !== 'account') {
    return attribute === 'email' && action === 'read' && isTransition(entry, 'email')
  }
  // `manage` includes `read`.
  return (
    entry.attribute === attribute && ['manage', action].some((name) => entry.actions.some((a) => a === name))
  )
}

/** Whether the permission may stand for the set: all its names are in the set's namespace, and so is its audience. */
function isWithin(set: SetEntry, entry: Entry): boolean {
  const namespace = set.nsid.slice(0, set.nsid.lastIndexOf('.') + 1)
  const isInside = (nsid: string) => nsid.startsWith(namespace)
  if (entry.resource === 'repo') return entry.collections.every(isInside)
  if (entry.resource !== 'rpc') return false
  return entry.methods.every(isInside) && (entry.audience === '*' || entry.audience === set.audience)
}
