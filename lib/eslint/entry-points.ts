/** What a request can reach in a file of the App Router: its page, its methods of HTTP, its server actions. */
import {
  hasDirective,
  isClass,
  isFunction,
  nameOf,
  nodeAt,
  nodesAt,
  type SyntaxNode,
  unwrap,
} from './syntax.ts'

/** Something that a file exports. */
export interface Exported {
  /** `default` for the default export, `*` for all that another file exports. */
  readonly name: string
  /** Where to report it. */
  readonly at: SyntaxNode
  /** What it is; undefined when it comes from another file. */
  readonly value: SyntaxNode | undefined
  /** The other file, and the name of the export there. */
  readonly from?: string | undefined
  readonly nameThere?: string | undefined
}

export interface EntryPoint extends Exported {
  readonly kind: 'page' | 'route' | 'action'
}

/** OPTIONS is missing: browsers ask it before a request, without cookies. */
const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', '*'])

/** The entry points among the exports of a file. Inline server actions are anywhere in it: see `isInlineAction`. */
export function findEntryPoints(filename: string, program: SyntaxNode): readonly EntryPoint[] {
  const exported = exportsOf(program)
  const kind = kindOf(filename)
  const named = exported.filter(({ name }) =>
    kind === 'page' ? name === 'default' : kind === 'route' && methods.has(name),
  )
  const actions = hasDirective(program, 'use server') ? exported.filter(mayBeFunction) : []
  return [
    ...named.map((entry) => ({ ...entry, kind: kind ?? 'page' })),
    ...actions.map((entry) => ({ ...entry, kind: 'action' as const })),
  ]
}

/** Whether a function is a server action by a directive of its own. */
export function isInlineAction(node: SyntaxNode): boolean {
  return isFunction(node) && hasDirective(nodeAt(node, 'body'), 'use server')
}

/** Whether a specifier leads to a page or route, where this rule looks at what it exports. */
export function leadsToEntryPoints(specifier: string): boolean {
  return /(^|\/)(page|route)(\.[jt]sx?)?$/.test(specifier)
}

/** By its name, below a folder `app`: anywhere above, because ESLint may run in that folder itself. */
function kindOf(filename: string): 'page' | 'route' | undefined {
  const [, kind] = /[\\/]app[\\/](?:.*[\\/])?(page|route)\.[jt]sx?$/.exec(`/${filename}`) ?? []
  return kind === 'page' || kind === 'route' ? kind : undefined
}

function mayBeFunction({ value }: Exported): boolean {
  const types = ['CallExpression', 'Identifier', 'ConditionalExpression', 'LogicalExpression']
  return value === undefined || isFunction(value) || types.includes(value.type)
}

function exportsOf(program: SyntaxNode): readonly Exported[] {
  return nodesAt(program, 'body').flatMap((statement) => {
    if (statement.exportKind === 'type') return []
    if (statement.type === 'ExportDefaultDeclaration') return defaultExport(statement)
    if (statement.type === 'ExportNamedDeclaration') return namedExports(statement)
    if (statement.type !== 'ExportAllDeclaration' || nodeAt(statement, 'exported')) return []
    return [{ name: '*', at: statement, value: undefined, from: nameOf(nodeAt(statement, 'source')) }]
  })
}

function defaultExport(statement: SyntaxNode): readonly Exported[] {
  const value = unwrap(nodeAt(statement, 'declaration'))
  return value ? [{ name: 'default', at: nodeAt(value, 'id') ?? value, value }] : []
}

function namedExports(statement: SyntaxNode): readonly Exported[] {
  const declaration = nodeAt(statement, 'declaration')
  if (declaration) return declaredBy(declaration)
  const from = nameOf(nodeAt(statement, 'source'))
  return nodesAt(statement, 'specifiers').flatMap((at) => {
    const [name, local] = [nameOf(nodeAt(at, 'exported')), nodeAt(at, 'local')]
    if (name === undefined || at.exportKind === 'type') return []
    return from === undefined
      ? [{ name, at, value: local }]
      : [{ name, at, value: undefined, from, nameThere: nameOf(local) }]
  })
}

function declaredBy(declaration: SyntaxNode): readonly Exported[] {
  if (isFunction(declaration) || isClass(declaration)) {
    const id = nodeAt(declaration, 'id')
    return id ? [{ name: nameOf(id) ?? '', at: id, value: declaration }] : []
  }
  return nodesAt(declaration, 'declarations').flatMap((declarator) => {
    const id = nodeAt(declarator, 'id')
    const value = unwrap(nodeAt(declarator, 'init')) ?? id
    if (!id || !value) return []
    return boundBy(id).map((at) => ({ name: nameOf(at) ?? '', at, value }))
  })
}

/** The identifiers that `name` or `{ a, b: c }` declares. */
function boundBy(id: SyntaxNode): readonly SyntaxNode[] {
  return id.type === 'ObjectPattern'
    ? nodesAt(id, 'properties').flatMap((property) => nodeAt(property, 'value') ?? [])
    : [id]
}
