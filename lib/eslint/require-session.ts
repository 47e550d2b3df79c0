/** The rule `require-session`: pages, route handlers and server actions that never ask for the session. */
import { type EntryPoint, findEntryPoints, isInlineAction, leadsToEntryPoints } from './entry-points.ts'
import { searchSessionCalls } from './session-calls.ts'
import {
  definitionOf,
  hasDirective,
  isFunction,
  lastNameOf,
  nameOf,
  nodeAt,
  type SourceCode,
  type SyntaxNode,
} from './syntax.ts'

/** Options of the rule `require-session`. */
export interface RequireSessionRuleOptions {
  /** Names of the application's own functions and components that ask for the session; default none. */
  readonly functions?: readonly string[] | undefined
}

/** What ESLint gives to a rule, as far as this one reads it. */
export interface RuleContext {
  readonly filename: string
  readonly options: readonly unknown[]
  readonly sourceCode: object
  report(problem: {
    readonly node: never
    readonly messageId: string
    readonly data: Record<string, string>
  }): void
}

type MessageId = 'page' | 'route' | 'action' | 'clientPage' | 'otherFile' | 'notUsed' | 'notAwaited'

const elsewhere =
  'If a function of another file does it, name that function in the option `functions`; ' +
  'if this is for everyone, disable the rule here and say why.'

const messages: Record<MessageId, string> = {
  page:
    'This page never asks for the session, and neither a proxy nor a layout protects it. ' +
    `Call requireSession() in it, or in a component of this file that it renders. ${elsewhere}`,
  route:
    '{{name}} never asks for the session, and a proxy can be skipped. ' +
    `Call getSession() and answer 401 where it is null. ${elsewhere}`,
  action:
    '{{name}} never asks for the session, and anyone can call a server action with any arguments. ' +
    `Call requireSession() or getSession() in it. ${elsewhere}`,
  clientPage:
    "This page cannot ask for the session, because its file begins with 'use client'. " +
    'Move the component into a file of its own, and render it from a page that calls requireSession().',
  otherFile:
    '{{name}} comes from another file, which this rule does not read. ' +
    'Call requireSession() or getSession() in a function of this file. ' +
    'If that file asks, disable the rule here and say why, or name its function in the option `functions`.',
  notUsed:
    'What {{name}}() returns is thrown away here, so no one is refused, and nothing else asks for the session. ' +
    'Look at it, or call `await requireSession()`.',
  notAwaited:
    'requireSession() is not awaited, so the rest runs without a session too, and nothing else asks for it. ' +
    'Write `await`.',
}

/** The rule as ESLint takes it. */
export const requireSessionRule = {
  meta: {
    type: 'problem' as const,
    docs: { description: 'Pages, route handlers and server actions ask for the session' },
    schema: [
      {
        type: 'object' as const,
        properties: {
          functions: { type: 'array' as const, items: { type: 'string' as const }, uniqueItems: true },
        },
        additionalProperties: false,
      },
    ],
    messages,
  },
  create(context: RuleContext) {
    const file = readFile(context)
    return {
      Program: (program: object) => checkExports(program as SyntaxNode, file),
      ':function': (node: object) => checkInlineAction(node as SyntaxNode, file),
    }
  },
}

interface File {
  readonly name: string
  readonly source: SourceCode
  readonly functions: ReadonlySet<string>
  readonly report: (node: SyntaxNode, messageId: MessageId, name: string) => void
}

function readFile(context: RuleContext): File {
  // The schema above has checked them.
  const [{ functions = [] } = {}] = context.options as readonly RequireSessionRuleOptions[]
  return {
    name: context.filename,
    source: context.sourceCode as SourceCode,
    functions: new Set(functions),
    report: (node, messageId, name) => context.report({ node: node as never, messageId, data: { name } }),
  }
}

function checkExports(program: SyntaxNode, file: File): void {
  for (const entry of findEntryPoints(file.name, program)) {
    if (entry.kind === 'page' && hasDirective(program, 'use client')) file.report(entry.at, 'clientPage', '')
    else checkEntryPoint(entry, file)
  }
}

function checkEntryPoint(entry: EntryPoint, file: File): void {
  const { name, at, value } = entry
  const other = otherFileOf(entry, file.source)
  if (value === undefined || other) {
    const names = [other?.name, name].filter((known) => known !== undefined)
    if (names.some((known) => file.functions.has(known)) || leadsToEntryPoints(other?.from ?? '')) return
    file.report(at, 'otherFile', entry.kind === 'page' ? 'This page' : name)
    return
  }
  // Its own directive has it checked.
  if (entry.kind === 'action' && isInlineAction(value)) return
  check(value, at, entry.kind, entry.name === 'default' ? 'This server action' : name, file)
}

function checkInlineAction(node: SyntaxNode, file: File): void {
  if (!isInlineAction(node)) return
  const id = nodeAt(node, 'id')
  check(node, id ?? node, 'action', nameOf(id) ?? nameOf(parentName(node)) ?? 'This server action', file)
}

function check(value: SyntaxNode, at: SyntaxNode, kind: EntryPoint['kind'], name: string, file: File): void {
  const { asks, withoutEffect } = searchSessionCalls(value, file.source, file.functions)
  if (asks) return
  const [lost] = withoutEffect
  if (lost) {
    const called = lastNameOf(nodeAt(lost, 'callee')) ?? ''
    file.report(lost, called === 'requireSession' ? 'notAwaited' : 'notUsed', called)
  } else file.report(at, kind, name)
}

/** The file that an export or an import at its place comes from. */
function otherFileOf({ value, from, nameThere }: EntryPoint, source: SourceCode) {
  if (from !== undefined) return { from, name: nameThere }
  const name = value?.type === 'Identifier' ? nameOf(value) : undefined
  if (value === undefined || name === undefined) return undefined
  const definition = definitionOf(name, value, source)
  if (definition?.type !== 'ImportBinding') return undefined
  const declaration = nodeAt(definition.node, 'parent')
  return { name, from: declaration && nameOf(nodeAt(declaration, 'source')) }
}

/** `a` of `const a = async () => …` and of `{ a: async () => … }`. */
function parentName(node: SyntaxNode): SyntaxNode | undefined {
  const parent = nodeAt(node, 'parent')
  return parent && !isFunction(parent) ? (nodeAt(parent, 'id') ?? nodeAt(parent, 'key')) : undefined
}
