/**
 * The resources that scopes give access to, with their parameters (atproto.com/specs/permission, "Resource
 * Types"). Valid is what the reference authorization server accepts.
 */
import { isNsid } from '../../identity/syntax.ts'

/** A permission, or what else a scope may say. `*` stands for any collection, method, audience or attribute. */
export type Scope =
  | { readonly resource: 'atproto' }
  | { readonly resource: 'transition'; readonly name: TransitionName }
  | {
      readonly resource: 'repo'
      readonly collections: readonly string[]
      readonly actions: readonly RepoAction[]
    }
  /** `audience` is a DID with the id of one of its services: `did:web:api.example.com#svc`. */
  | { readonly resource: 'rpc'; readonly methods: readonly string[]; readonly audience: string }
  | { readonly resource: 'blob'; readonly accept: readonly string[] }
  | {
      readonly resource: 'account'
      readonly attribute: string
      readonly actions: readonly AccountAction[]
    }
  | { readonly resource: 'identity'; readonly attribute: string }
  /** A permission set: only the authorization server knows what is in it. */
  | { readonly resource: 'include'; readonly nsid: string; readonly audience: string | undefined }

/** Not a scope that authorization servers know; `reason` continues the sentence "the scope …". */
export interface InvalidScope {
  readonly resource: 'invalid'
  readonly reason: string
}

export type TransitionName = 'generic' | 'email' | 'chat.bsky'
export type RepoAction = 'create' | 'update' | 'delete'
export type AccountAction = 'read' | 'manage'

export interface Parameter {
  readonly isValid: (value: string) => boolean
  /** What the value has to be, for the error message. */
  readonly expected: string
  readonly isOptional?: true
  readonly isSingle?: true
}

export interface Definition {
  /** The parameter that may stand behind the colon instead. */
  readonly positional: string
  readonly parameters: Readonly<Record<string, Parameter>>
  build(values: Values): Scope | InvalidScope
}

/** The values of a parameter, empty when it is absent. */
export type Values = (name: string) => readonly string[]

const repoActions: readonly RepoAction[] = ['create', 'update', 'delete']
const accountActions: readonly AccountAction[] = ['read', 'manage']
const service = { isValid: isServiceReference, expected: 'a DID with a service id (did:web:host%23service)' }

/** By the name of the resource. */
export const definitions: Readonly<Record<string, Definition>> = {
  repo: {
    positional: 'collection',
    parameters: {
      collection: { isValid: isNsidOrAny, expected: 'a whole collection NSID or *' },
      action: oneOf(repoActions, { isOptional: true }),
    },
    build: (values) => ({
      resource: 'repo',
      collections: values('collection'),
      actions: values('action').length ? pick(repoActions, values('action')) : repoActions,
    }),
  },
  rpc: {
    positional: 'lxm',
    parameters: {
      lxm: { isValid: isNsidOrAny, expected: 'a whole method NSID or *' },
      aud: {
        isValid: (value) => value === '*' || isServiceReference(value),
        expected: `${service.expected} or *`,
        isSingle: true,
      },
    },
    build(values) {
      const methods = values('lxm')
      const [audience = '*'] = values('aud')
      if (audience === '*' && methods.includes('*')) return invalid('may not leave both lxm and aud open')
      return { resource: 'rpc', methods, audience }
    },
  },
  blob: {
    positional: 'accept',
    parameters: { accept: { isValid: isMimePattern, expected: 'a MIME type, type/* or */* (a + is %2B)' } },
    build: (values) => ({ resource: 'blob', accept: values('accept') }),
  },
  account: {
    positional: 'attr',
    parameters: {
      attr: oneOf(['email', 'repo', 'status'], { isSingle: true }),
      action: oneOf(accountActions, { isOptional: true }),
    },
    build: (values) => ({
      resource: 'account',
      attribute: values('attr').join(),
      actions: values('action').length ? pick(accountActions, values('action')) : ['read'],
    }),
  },
  identity: {
    positional: 'attr',
    parameters: { attr: oneOf(['handle', '*'], { isSingle: true }) },
    build: (values) => ({ resource: 'identity', attribute: values('attr').join() }),
  },
  include: {
    positional: 'nsid',
    parameters: {
      nsid: { isValid: isNsid, expected: 'the NSID of a permission set', isSingle: true },
      aud: { ...service, isOptional: true, isSingle: true },
    },
    build: (values) => ({ resource: 'include', nsid: values('nsid').join(), audience: values('aud')[0] }),
  },
}

/** The verdict on a scope that servers would drop. */
export function invalid(reason: string): InvalidScope {
  return { resource: 'invalid', reason }
}

function oneOf(values: readonly string[], rules: Pick<Parameter, 'isOptional' | 'isSingle'>): Parameter {
  return { isValid: (value) => values.includes(value), expected: values.join(', '), ...rules }
}

function pick<T extends string>(known: readonly T[], values: readonly string[]): readonly T[] {
  return known.filter((value) => values.includes(value))
}

function isNsidOrAny(text: string): boolean {
  return text === '*' || isNsid(text)
}

/** As in the `accept` of a lexicon's blob; a wildcard stands for all types, or all of one, never for a part. */
function isMimePattern(text: string): boolean {
  return /^[^/ ]+\/[^/ ]+$/.test(text) && (!text.includes('*') || text.endsWith('/*'))
}

/** An absolute DID URL of a service: a blessed DID, `#`, and a fragment (RFC 3986 §3.5). */
function isServiceReference(text: string): boolean {
  const [, did = ''] = /^([^#]{1,2048})#(?:[\w\-.~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})+$/.exec(text) ?? []
  if (/^did:plc:[a-z2-7]{24}$/.test(did)) return true
  const [, host] = /^did:web:((?:[\w.-]|%[0-9A-F]{2})+)$/.exec(did) ?? []
  if (host === undefined) return false
  // Only a development server may name its port (atproto.com/specs/did, "Blessed DID Methods").
  if (host.includes('%3A') && !host.startsWith('localhost%3A')) return false
  return URL.canParse(`https://${host.replaceAll('%3A', ':')}`)
}
