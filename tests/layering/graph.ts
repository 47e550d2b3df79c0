/** Which file of ours imports which. */
import { dirname, join } from 'node:path/posix'
import { type Import, readImports } from './imports.ts'

/** Source by path from the root of the repository, e.g. `lib/errors.ts`. */
export type Sources = ReadonlyMap<string, string>

export interface Edge extends Import {
  readonly from: string
  /** Path of our own file; the specifier as it is when it is a package or a built-in. */
  readonly to: string
}

/** Every import of every file. */
export function edgesOf(sources: Sources): readonly Edge[] {
  return [...sources].flatMap(([from, source]) =>
    readImports(source).map((read) => ({ ...read, from, to: resolve(from, read.specifier) })),
  )
}

/** The files that running `entry` loads, itself among them: what is imported for its values. */
export function closureOf(entry: string, edges: readonly Edge[]): ReadonlySet<string> {
  const reached = new Set([entry])
  for (const file of reached) {
    for (const edge of edges) if (edge.from === file && !edge.isType) reached.add(edge.to)
  }
  return reached
}

/** One cycle of imports, of values or types, as the files in order; undefined when there is none. */
export function findCycle(edges: readonly Edge[]): readonly string[] | undefined {
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return undefined
    for (const { from, to } of edges) {
      const cycle = from === file ? visit(to, [...path, file]) : undefined
      if (cycle) return cycle
    }
    done.add(file)
    return undefined
  }
  for (const { from } of edges) {
    const cycle = visit(from, [])
    if (cycle) return cycle
  }
  return undefined
}

function resolve(from: string, specifier: string): string {
  return specifier.startsWith('.') ? join(dirname(from), specifier) : specifier
}
