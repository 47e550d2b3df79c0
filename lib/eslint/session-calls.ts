/**
 * Whether code asks for the session when it runs: itself, or in functions and components of its file that it calls or
 * renders. Values are not followed, and neither are other files.
 */
import { isInlineAction } from './entry-points.ts'
import {
  childrenOf,
  type Definition,
  definitionOf,
  isClass,
  isFunction,
  lastNameOf,
  nameOf,
  nodeAt,
  nodesAt,
  type SourceCode,
  type SyntaxNode,
  unwrap,
} from './syntax.ts'

/** What was found. */
export interface Search {
  readonly asks: boolean
  /** Calls whose answer is thrown away, so that they refuse no one. */
  readonly withoutEffect: readonly SyntaxNode[]
}

/** They read the session in the store and return what was found, so their caller has to look at it. */
const answering: ReadonlySet<string> = new Set(['getSession', 'getSessionStatus', 'listDevices'])
/** They change only the sessions of this very browser, and refuse by themselves; or show nothing. */
const forVisitors: ReadonlySet<string> = new Set([
  ...['signIn', 'signOut', 'signOutEverywhere', 'switchAccount', 'revokeDevice'],
  ...['redirect', 'permanentRedirect', 'notFound'],
])
/** What they are given runs when the answer has been sent. */
const later: ReadonlySet<string> = new Set(['after', 'setTimeout', 'setInterval', 'setImmediate'])

/**
 * Searches what runs when `entry` is called, rendered or handed out by the file.
 *
 * @param functions names of the application's own functions and components that ask
 */
export function searchSessionCalls(
  entry: SyntaxNode,
  source: SourceCode,
  functions: ReadonlySet<string>,
): Search {
  const search = new SessionSearch(source, functions)
  search.follow(entry)
  const isNamed = entry.type === 'Identifier'
  const value = isNamed ? declaredAs(definitionOf(nameOf(entry) ?? '', entry, source)) : entry
  return { asks: search.asks || isForVisitors(value), withoutEffect: search.withoutEffect }
}

/** Whether a function does nothing but one call that is right for a visitor, too, such as a sign-out. */
function isForVisitors(node: SyntaxNode | undefined): boolean {
  const body = isFunction(node) ? nodeAt(node, 'body') : undefined
  if (!body) return false
  const isDirective = (statement: SyntaxNode) => nodeAt(statement, 'expression')?.type === 'Literal'
  const statements = body.type === 'BlockStatement' ? nodesAt(body, 'body') : [body]
  const [only, ...others] = statements.filter((statement) => !isDirective(statement))
  if (!only || others.length > 0) return false
  const value = /^(Expression|Return)Statement$/.test(only.type)
    ? (nodeAt(only, 'expression') ?? nodeAt(only, 'argument'))
    : only
  const call = unwrap(value?.type === 'AwaitExpression' ? nodeAt(value, 'argument') : value)
  const name = call?.type === 'CallExpression' ? lastNameOf(nodeAt(call, 'callee')) : undefined
  return name !== undefined && forVisitors.has(name)
}

class SessionSearch {
  asks = false
  readonly withoutEffect: SyntaxNode[] = []
  readonly #seen = new Set<SyntaxNode>()
  readonly #source: SourceCode
  readonly #functions: ReadonlySet<string>

  constructor(source: SourceCode, functions: ReadonlySet<string>) {
    this.#source = source
    this.#functions = functions
  }

  /** A value that others call or render. What a call has made of functions is taken to call these. */
  follow(given: SyntaxNode | undefined): void {
    const value = unwrap(given)
    if (!value || this.#seen.has(value)) return
    this.#seen.add(value)
    if (isFunction(value) || isClass(value)) this.#visitChildren(value)
    else if (value.type === 'Identifier') this.#followName(value)
    else if (isOfHandlers(value)) this.asks = true
    else if (value.type === 'CallExpression') this.#followResult(value)
    else if (/^(Conditional|Logical)Expression$/.test(value.type))
      for (const part of childrenOf(value, this.#source)) this.follow(part)
  }

  #followName(identifier: SyntaxNode): void {
    const name = nameOf(identifier) ?? ''
    if (this.#functions.has(name)) this.asks = true
    else this.follow(declaredAs(definitionOf(name, identifier, this.#source)))
  }

  /** `wrap(handler)`, `cache(async () => …)` or `client.use(…).action(async () => …)`. */
  #followResult(call: SyntaxNode): void {
    const callee = unwrap(nodeAt(call, 'callee'))
    if (this.#functions.has(lastNameOf(callee) ?? '')) this.asks = true
    for (const argument of nodesAt(call, 'arguments')) this.follow(argument)
    if (callee?.type === 'MemberExpression') this.follow(nodeAt(callee, 'object'))
    const wrapper = this.#localFunction(callee)
    if (!wrapper) return
    this.follow(wrapper)
    for (const returned of returnedBy(wrapper, this.#source)) this.follow(returned)
  }

  #visitChildren(node: SyntaxNode): void {
    for (const child of childrenOf(node, this.#source)) if (!isNeverRun(child, node)) this.#visit(child)
  }

  #visit(node: SyntaxNode): void {
    if (this.asks || isFunction(node) || isClass(node)) return
    if (node.type === 'BlockStatement') this.#visitBlock(node)
    else if (/^(Method|Property)Definition$/.test(node.type)) this.follow(nodeAt(node, 'value'))
    else if (node.type !== 'ExpressionStatement' || !this.#isWithoutEffect(node)) {
      if (/^(Call|New)Expression$/.test(node.type)) this.#visitCall(node)
      if (node.type === 'JSXOpeningElement') this.#call(nodeAt(node, 'name'))
      this.#visitChildren(node)
    }
  }

  /** Nothing runs after a `return` or `throw` in the same block. */
  #visitBlock(block: SyntaxNode): void {
    for (const statement of nodesAt(block, 'body')) {
      this.#visit(statement)
      if (/^(Return|Throw)Statement$/.test(statement.type)) return
    }
  }

  #visitCall(call: SyntaxNode): void {
    const callee = unwrap(nodeAt(call, 'callee'))
    if (isFunction(callee)) this.follow(callee)
    else this.#call(callee)
    if (later.has(lastNameOf(callee) ?? '')) return
    // A function that is written as an argument is taken to be called, but for an action, which a browser calls.
    for (const argument of nodesAt(call, 'arguments').map(unwrap))
      if (isFunction(argument) && !isInlineAction(argument)) this.follow(argument)
  }

  #call(callee: SyntaxNode | undefined): void {
    const nameHere = lastNameOf(callee)
    if (callee === undefined || nameHere === undefined) return
    const isMember = /MemberExpression$/.test(callee.type)
    const definition = isMember ? undefined : definitionOf(nameHere, callee, this.#source)
    const name = importedName(definition?.node) ?? nameHere
    const declared = declaredAs(definition)
    if (this.#functions.has(name)) this.asks = true
    else if (declared) this.follow(declared)
    else if (isCheck(name)) this.asks = true
  }

  #localFunction(callee: SyntaxNode | undefined): SyntaxNode | undefined {
    const name = callee?.type === 'Identifier' ? nameOf(callee) : undefined
    const declared = callee && name && declaredAs(definitionOf(name, callee, this.#source))
    return declared && isFunction(declared) ? declared : undefined
  }

  /** `auth.requireSession()` without `await`, or `await auth.getSession()` whose answer is not looked at. */
  #isWithoutEffect(statement: SyntaxNode): boolean {
    const expression = unwrap(nodeAt(statement, 'expression'))
    const isVoid = expression?.type === 'UnaryExpression'
    const value = isVoid ? unwrap(nodeAt(expression, 'argument')) : expression
    const isAwaited = value?.type === 'AwaitExpression'
    const call = isAwaited ? unwrap(nodeAt(value, 'argument')) : value
    const name = call?.type === 'CallExpression' ? lastNameOf(unwrap(nodeAt(call, 'callee'))) : undefined
    if (!call || name === undefined || this.#functions.has(name)) return false
    const isLost = answering.has(name) || (name === 'requireSession' && !isAwaited)
    if (isLost) this.withoutEffect.push(call)
    return isLost
  }
}

function isCheck(name: string): boolean {
  return name === 'requireSession' || answering.has(name)
}

/** `auth.handlers`, and what is made of it: the handlers of the library are for visitors, or check by themselves. */
function isOfHandlers(node: SyntaxNode | undefined): boolean {
  if (node?.type === 'CallExpression') return isOfHandlers(unwrap(nodeAt(node, 'callee')))
  if (node?.type !== 'MemberExpression') return false
  return lastNameOf(node) === 'handlers' || isOfHandlers(unwrap(nodeAt(node, 'object')))
}

/** What a declaration of this file makes; undefined for imports, parameters and parts of objects. */
function declaredAs(definition: Definition | undefined): SyntaxNode | undefined {
  const declaration = definition?.type === 'Parameter' ? undefined : definition?.node
  if (isFunction(declaration) || isClass(declaration)) return declaration
  if (declaration?.type !== 'VariableDeclarator') return undefined
  const init = unwrap(nodeAt(declaration, 'init'))
  const isWhole = nodeAt(declaration, 'id')?.type === 'Identifier' || isOfHandlers(init)
  return isWhole ? init : undefined
}

/** `a` of `import { a as b }`. */
function importedName(declaration: SyntaxNode | undefined): string | undefined {
  return declaration?.type === 'ImportSpecifier' ? nameOf(nodeAt(declaration, 'imported')) : undefined
}

/** What stands behind `false &&` or in `if (false)`. */
function isNeverRun(child: SyntaxNode, parent: SyntaxNode): boolean {
  if (!/^(IfStatement|(Conditional|Logical)Expression)$/.test(parent.type)) return false
  const test = unwrap(nodeAt(parent, parent.type === 'LogicalExpression' ? 'left' : 'test'))
  if (test?.type !== 'Literal' || child === test || child === nodeAt(parent, 'left')) return false
  if (parent.type === 'LogicalExpression') return parent.operator === '&&' ? !test.value : Boolean(test.value)
  return test.value ? child === nodeAt(parent, 'alternate') : child !== nodeAt(parent, 'alternate')
}

/** The functions that a function returns. */
function returnedBy(node: SyntaxNode, source: SourceCode): readonly SyntaxNode[] {
  const body = nodeAt(node, 'body')
  if (!body) return []
  if (body.type !== 'BlockStatement') return [body]
  const returnsIn = (statement: SyntaxNode): readonly SyntaxNode[] => {
    if (isFunction(statement) || isClass(statement)) return []
    if (statement.type === 'ReturnStatement') return [nodeAt(statement, 'argument') ?? []].flat()
    return childrenOf(statement, source).flatMap(returnsIn)
  }
  return returnsIn(body)
}
