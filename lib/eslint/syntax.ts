/**
 * The little of ESLint's syntax tree and scopes that the rule reads, as types of its own: an application gets no other
 * package with this entry. Trees of each parser have these fields.
 */

/** A node of the tree. Its fields are those of ESTree, of TypeScript and of JSX. */
export interface SyntaxNode {
  readonly type: string
  readonly [field: string]: unknown
}

export interface FunctionNode extends SyntaxNode {
  readonly type: 'FunctionDeclaration' | 'FunctionExpression' | 'ArrowFunctionExpression'
}

export interface ClassNode extends SyntaxNode {
  readonly type: 'ClassDeclaration' | 'ClassExpression'
}

/** A declaration; its type is `Parameter` where the node is the function of the parameter. */
export interface Definition {
  readonly type: string
  readonly node: SyntaxNode
}

interface Scope {
  readonly set: ReadonlyMap<string, { readonly defs: readonly Definition[] }>
  readonly upper: Scope | null
}

/** Of ESLint's `sourceCode`, what the rule needs. */
export interface SourceCode {
  readonly ast: SyntaxNode
  readonly visitorKeys: Readonly<Record<string, readonly string[]>>
  getScope(node: SyntaxNode): Scope
}

/** The node in a field; undefined where there is none. */
export function nodeAt(node: SyntaxNode, field: string): SyntaxNode | undefined {
  const value = node[field]
  return isNode(value) ? value : undefined
}

/** The nodes in a field that has a list. */
export function nodesAt(node: SyntaxNode, field: string): readonly SyntaxNode[] {
  const value = node[field]
  return Array.isArray(value) ? value.filter(isNode) : []
}

/** All nodes right below a node, in the order of the source. */
export function childrenOf(node: SyntaxNode, { visitorKeys }: SourceCode): readonly SyntaxNode[] {
  return (visitorKeys[node.type] ?? []).flatMap((field) => nodeAt(node, field) ?? nodesAt(node, field))
}

/** The name of an identifier, or the text of a string. */
export function nameOf(node: SyntaxNode | undefined): string | undefined {
  const name = node && (node.type === 'Literal' ? node.value : node.name)
  return typeof name === 'string' ? name : undefined
}

/** The last name of `f`, `a.f` or `a['f']`. */
export function lastNameOf(node: SyntaxNode | undefined): string | undefined {
  if (node?.type !== 'MemberExpression' && node?.type !== 'JSXMemberExpression') return nameOf(node)
  const property = nodeAt(node, 'property')
  return node.computed === true && property?.type !== 'Literal' ? undefined : nameOf(property)
}

/** Types, `?.` and parentheses say nothing of what runs. */
export function unwrap(node: SyntaxNode | undefined): SyntaxNode | undefined {
  return node && wrappers.has(node.type) ? unwrap(nodeAt(node, 'expression')) : node
}

const wrappers: ReadonlySet<string> = new Set([
  ...['ChainExpression', 'ParenthesizedExpression', 'TSAsExpression', 'TSSatisfiesExpression'],
  ...['TSNonNullExpression', 'TSTypeAssertion', 'TSInstantiationExpression'],
])

export function isFunction(node: SyntaxNode | undefined): node is FunctionNode {
  return /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node?.type ?? '')
}

export function isClass(node: SyntaxNode | undefined): node is ClassNode {
  return /^Class(Declaration|Expression)$/.test(node?.type ?? '')
}

/** Whether a program or the block of a function begins with a directive such as `use server`. */
export function hasDirective(block: SyntaxNode | undefined, directive: string): boolean {
  for (const statement of block ? nodesAt(block, 'body') : []) {
    const expression = statement.type === 'ExpressionStatement' ? nodeAt(statement, 'expression') : undefined
    if (expression?.type !== 'Literal' || typeof expression.value !== 'string') return false
    if (expression.value === directive) return true
  }
  return false
}

/** What a name means at a place: where it is declared, if this file does so. */
export function definitionOf(name: string, at: SyntaxNode, source: SourceCode): Definition | undefined {
  for (let scope: Scope | null = source.getScope(at); scope; scope = scope.upper) {
    const variable = scope.set.get(name)
    // The last declaration of a function is the one that counts.
    if (variable) return variable.defs.at(-1)
  }
  return undefined
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}
