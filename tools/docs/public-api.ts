/** What a public entry exports, read from the sources: names, signatures as they are written, docstrings. */
import type { Docstring } from './docstring.ts'
import {
  docBefore,
  oneLine,
  readSource,
  resolve,
  type Source,
  type Statement,
  textOf,
  toLineEnd,
} from './source.ts'

export interface Member {
  readonly name: string
  /** As written, on one line, without a body. */
  readonly signature: string
  readonly isMethod: boolean
  readonly isOptional: boolean
  /** Of a property. */
  readonly type: string | undefined
  readonly doc: Docstring | undefined
}

export interface Declaration {
  readonly name: string
  readonly kind: 'interface' | 'class' | 'function' | 'type' | 'const'
  /** Path in the repository. */
  readonly file: string
  readonly signature: string
  /** Names of what an interface or class extends. */
  readonly parents: readonly string[]
  readonly members: readonly Member[]
  readonly doc: Docstring | undefined
}

/** The exported declarations of a file in the order of its exports, those of other files that it passes on included. */
export function readEntry(path: string): readonly Declaration[] {
  // An overloaded function is exported by each of its forms.
  const byName = new Map(exportsOf(path).map((declaration) => [declaration.name, declaration]))
  return [...byName.values()]
}

function exportsOf(path: string): readonly Declaration[] {
  const source = readSource(path)
  return source.body.flatMap((statement) => {
    if (statement.type === 'ExportAllDeclaration') return exportsOf(resolve(path, statement.source.value))
    if (statement.type !== 'ExportNamedDeclaration') return []
    if (statement.declaration)
      return namesOf(statement.declaration).flatMap((name) => declarationOf(path, name))
    const from = statement.source ? resolve(path, statement.source.value) : path
    return statement.specifiers.flatMap(({ local }) => declarationOf(from, textOf(source, local)))
  })
}

/**
 * The declaration of that name in a file, or in the one that the file has it from.
 *
 * @throws TypeError when there is none
 */
export function declarationOf(path: string, name: string): Declaration {
  const source = readSource(path)
  for (const statement of source.body) {
    const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
    // Of an overloaded function the first form counts: it has the docstring.
    if (declaration && namesOf(declaration).includes(name))
      return toDeclaration(source, statement, declaration)
    if (statement.type === 'ImportDeclaration' && statement.source.value.startsWith('.')) {
      const found = statement.specifiers.some(({ local }) => local.name === name)
      if (found) return declarationOf(resolve(path, statement.source.value), name)
    }
  }
  throw new TypeError(`${path} has nothing that is called ${name}.`)
}

type Declared = NonNullable<Extract<Statement, { type: 'ExportNamedDeclaration' }>['declaration']> | Statement

function namesOf(node: Declared): readonly string[] {
  switch (node.type) {
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
      return [node.id.name]
    case 'ClassDeclaration':
    case 'FunctionDeclaration':
    case 'TSDeclareFunction':
      return node.id ? [node.id.name] : []
    case 'VariableDeclaration':
      return node.declarations.flatMap(({ id }) => (id.type === 'Identifier' ? [id.name] : []))
    default:
      return []
  }
}

function toDeclaration(source: Source, statement: Statement, node: Declared): Declaration {
  const [name = ''] = namesOf(node)
  const common = {
    name,
    file: source.path,
    parents: [],
    members: [],
    doc: docBefore(source, statement.start),
  }
  const slice = (from: number, to: number) => oneLine(source.text.slice(from, to))
  switch (node.type) {
    case 'TSInterfaceDeclaration':
      return {
        ...common,
        kind: 'interface',
        signature: slice(node.start, node.body.start),
        parents: (node.extends ?? []).map(({ expression }) => textOf(source, expression)),
        members: node.body.body.flatMap((member) => memberOf(source, member)),
      }
    case 'ClassDeclaration':
      return {
        ...common,
        kind: 'class',
        signature: slice(node.start, node.body.start),
        parents: node.superClass ? [textOf(source, node.superClass)] : [],
        members: node.body.body.flatMap((member) => classMemberOf(source, member)),
      }
    case 'FunctionDeclaration':
    case 'TSDeclareFunction':
      return { ...common, kind: 'function', signature: slice(node.start, node.body?.start ?? node.end) }
    case 'TSTypeAliasDeclaration':
      return { ...common, kind: 'type', signature: toLineEnd(source, node) }
    default:
      return { ...common, kind: 'const', signature: `const ${name}` }
  }
}

type InterfaceMember = Extract<Declared, { type: 'TSInterfaceDeclaration' }>['body']['body'][number]
type ClassMember = Extract<Declared, { body: { type: 'ClassBody' } }>['body']['body'][number]

function memberOf(source: Source, node: InterfaceMember): readonly Member[] {
  if (node.type !== 'TSPropertySignature' && node.type !== 'TSMethodSignature') return []
  const annotation = node.type === 'TSPropertySignature' ? node.typeAnnotation?.typeAnnotation : undefined
  return [
    {
      name: textOf(source, node.key),
      signature: oneLine(source.text.slice(node.start, node.end)),
      isMethod: node.type === 'TSMethodSignature',
      isOptional: node.optional,
      type: annotation && plainType(textOf(source, annotation)),
      doc: docBefore(source, node.start),
    },
  ]
}

/** What callers see of a class: nothing private, and no part of how errors are told apart. */
function classMemberOf(source: Source, node: ClassMember): readonly Member[] {
  if (node.type !== 'MethodDefinition' && node.type !== 'PropertyDefinition') return []
  const name = textOf(source, node.key)
  if (node.computed || name.startsWith('#') || node.override || name === 'errorName') return []
  const isMethod = node.type === 'MethodDefinition' && node.kind !== 'get'
  const method = node.type === 'MethodDefinition' ? node.value : undefined
  const property = node.type === 'PropertyDefinition' ? node.typeAnnotation : undefined
  const returned = method?.returnType ?? property
  const end = method ? method.body?.start : property?.end
  return [
    {
      name,
      isMethod,
      isOptional: false,
      signature: oneLine(source.text.slice(node.start, end ?? node.end)),
      type: isMethod || !returned ? undefined : textOf(source, returned.typeAnnotation),
      doc: docBefore(source, node.start),
    },
  ]
}

/** Without the `| undefined` that `exactOptionalPropertyTypes` asks for. */
function plainType(type: string): string {
  const text = oneLine(type).replace(/ \| undefined$/, '')
  return /^\(\(.*\)$/.test(text) ? text.slice(1, -1) : text
}
