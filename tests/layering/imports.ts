/** Reads the imports of a source file. The sources are formatted by Biome, so a statement begins its line. */

export interface Import {
  /** As it is written, e.g. `../errors.ts` or `next/server.js`. */
  readonly specifier: string
  /** Whether it is gone once the types are: `import type`, `export type … from`, or only `type` names. */
  readonly isType: boolean
  readonly isDynamic: boolean
}

const statement = /^(?:import|export)\b([^'"()=]*?)\bfrom\s+['"]([^'"]+)['"]/gm
const sideEffect = /^import\s+['"]([^'"]+)['"]/gm
const dynamic = /\bimport\(\s*(?:\/\*.*?\*\/\s*)?['"]([^'"]+)['"]\s*\)/g

/** The imports and re-exports of a source, in the order of their kinds; also `import('…')`. */
export function readImports(source: string): readonly Import[] {
  const code = withoutComments(source)
  return [
    ...Array.from(code.matchAll(sideEffect), ([, specifier = '']) => of(specifier)),
    ...Array.from(code.matchAll(statement), ([, clause = '', specifier = '']) =>
      of(specifier, { isType: isTypeOnly(clause) }),
    ),
    ...Array.from(code.matchAll(dynamic), ([, specifier = '']) => of(specifier, { isDynamic: true })),
  ]
}

/** The first thing that a source imports. */
export function firstImport(source: string): string | undefined {
  return /^import\b[^'"]*['"]([^'"]+)['"]/m.exec(withoutComments(source))?.[1]
}

/** The source without the comments that begin a line; those behind code say nothing that a rule looks for. */
export function withoutComments(source: string): string {
  return source.replace(/^\s*\/\*[\s\S]*?\*\//gm, '').replace(/^\s*\/\/.*$/gm, '')
}

function isTypeOnly(clause: string): boolean {
  if (/^\s*type\b/.test(clause)) return true
  const [, names] = /^\s*\{([^}]*)\}\s*$/.exec(clause) ?? []
  return names?.split(',').every((name) => /^\s*(type\s.*)?$/.test(name)) ?? false
}

function of(specifier: string, { isType = false, isDynamic = false } = {}): Import {
  return { specifier, isType, isDynamic }
}
