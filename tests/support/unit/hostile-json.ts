/** Documents as a hostile server writes them: nearly right, or with names and values that programs stumble over. */
import fc from 'fast-check'
import { expect } from 'vitest'
import { describeError } from '../../../lib/error-reason.ts'
import { AtprotoAuthError } from '../../../lib/errors.ts'
import { anyText, like, likeBytes } from './fuzz.ts'

type Path = readonly (string | number)[]

/** Names that mean something else on an object than on a document. */
const names = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'then',
  'toJSON',
  '',
  '0',
]
const addresses = [
  ...[
    'http://127.0.0.1',
    'https://169.254.169.254',
    'https://[::1]',
    'https://10.0.0.1',
    'https://localhost',
  ],
  ...[
    'https://evil.dev',
    'https://evil.dev:8443',
    'https://a:b@evil.dev',
    'https://as.internal',
    '//evil.dev',
  ],
  ...[
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'https://evil.dev/#x',
    'https://evil.dev\\@x',
  ],
]
const deep = (depth: number): unknown =>
  Array.from({ length: depth }).reduce<unknown>((inner) => [inner], 'x')
const values = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(null, '', 0, -1, 1e308, -0, true, [], {}, [null], 'x'.repeat(3_000), deep(500)),
  fc.constantFrom(...addresses),
  fc.constantFrom<unknown>(JSON.parse('{"__proto__":{"polluted":true}}'), {
    constructor: { prototype: { polluted: 1 } },
  }),
  anyText,
)

interface Edit {
  readonly at: number
  readonly kind: 'replace' | 'remove' | 'add' | 'rename'
  readonly name: string
  readonly value: unknown
}

const edits: fc.Arbitrary<readonly Edit[]> = fc.array(
  fc.record({
    at: fc.nat(),
    kind: fc.constantFrom('replace', 'remove', 'add', 'rename'),
    name: fc.constantFrom(...names),
    value: values,
  }),
  { maxLength: 3 },
)

/** The text of documents like this one: parts of any depth replaced, removed, renamed or added, or the bytes damaged. */
export function hostileJson(document: unknown): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  const text = JSON.stringify(document)
  const encode = (altered: string) => new TextEncoder().encode(altered)
  return fc.oneof(
    { weight: 6, arbitrary: hostileValue(document).map((value) => encode(JSON.stringify(value) ?? 'null')) },
    { weight: 2, arbitrary: like(text).map(encode) },
    { weight: 2, arbitrary: likeBytes(encode(text)).map((bytes) => Uint8Array.from(bytes)) },
    { weight: 1, arbitrary: anyText.map(encode) },
  )
}

/** The same documents, parsed: as they come out of a seal or a store. */
export function hostileValue(document: unknown): fc.Arbitrary<unknown> {
  return edits.map((changes) => changes.reduce(apply, structuredClone(document)))
}

/** The document with one change; it is changed in place. */
function apply(document: unknown, { at, kind, name, value: given }: Edit): unknown {
  // Another edit may change it.
  const value: unknown = structuredClone(given)
  const paths = pathsIn(document)
  const path = paths[at % paths.length] ?? []
  const key = path.at(-1)
  if (key === undefined)
    return kind === 'add' && isContainer(document) ? define(document, name, value) : value
  const parent = path
    .slice(0, -1)
    .reduce<unknown>((inner, part) => Reflect.get(Object(inner), part), document)
  if (!isContainer(parent)) return document
  if (kind === 'add') return define(parent, name, value) && document
  const former: unknown = Reflect.get(parent, key)
  if (kind !== 'replace') Reflect.deleteProperty(parent, key)
  if (kind === 'replace') define(parent, String(key), value)
  if (kind === 'rename') define(parent, name, former)
  return document
}

/** Never an assignment, which would set the prototype. */
function define(target: object, name: string, value: unknown): object {
  // No document gives a list a name.
  if (Array.isArray(target) && !/^\d+$/.test(name)) return Object.assign(target, { [target.length]: value })
  return Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true })
}

function pathsIn(value: unknown, path: Path = []): readonly Path[] {
  if (!isContainer(value) || path.length > 8) return [path]
  const below = Object.entries(value).flatMap(([name, inner]) => pathsIn(inner, [...path, name]))
  return [path, ...below]
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** An answer with such a body, of any status and media type. */
export function hostileResponse(document: unknown): fc.Arbitrary<() => Response> {
  const statuses = fc.oneof(
    { weight: 6, arbitrary: fc.constant(200) },
    fc.constantFrom(201, 204, 205, 301, 304, 400, 401, 403, 404, 410, 429, 500, 503, 599),
  )
  const types = fc.oneof(
    { weight: 6, arbitrary: fc.constant('application/json') },
    fc.constantFrom(
      'application/did+ld+json',
      'text/html',
      'application/json; charset=utf-16',
      'a/b+json',
      '',
    ),
  )
  return fc.tuple(statuses, types, hostileJson(document)).map(([status, type, body]) => () => {
    const hasBody = ![204, 205, 304].includes(status)
    return new Response(hasBody ? body : null, {
      status,
      ...(type !== '' && { headers: { 'content-type': type } }),
    })
  })
}

/**
 * What a promise gives; undefined when it was rejected by an error of this library, whose text shows none of the secrets.
 * Any other error fails the test, and so does a prototype that was changed.
 */
export async function orTypedError<T>(
  work: Promise<T>,
  secrets: readonly string[] = [],
): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof AtprotoAuthError)) throw error
    const shown = `${error.message} ${describeError(error)}`
    for (const secret of secrets)
      if (shown.includes(secret)) expect.fail(`a message shows a secret: ${shown}`)
    return undefined
  } finally {
    if (Reflect.get({}, 'polluted') !== undefined)
      expect.fail('a document changed the prototype of all objects')
  }
}

/** Fails for an object whose prototype came out of a document. */
export function expectPlain(value: unknown): void {
  if (!isContainer(value)) return
  const prototype: unknown = Object.getPrototypeOf(value)
  if (![Object.prototype, Array.prototype, null].some((plain) => plain === prototype))
    expect.fail('an object has a prototype that a document wrote')
  for (const name of names) {
    if (Object.hasOwn(value, name) && !Array.isArray(value)) expect.fail(`the name ${name} was taken over`)
  }
  for (const inner of Object.values(value)) expectPlain(inner)
}
