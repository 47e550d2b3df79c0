/** The results of the parts of a run, kept in .results/endurance, so that a run that was stopped goes on where it was. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { KeptResult, Part } from './long-run.ts'

const resultSchema = z.object({
  row: z.string(),
  name: z.string(),
  counts: z.record(z.string(), z.number()),
  lost: z.array(z.string()),
  seconds: z.number(),
})
const fileSchema = z.object({ commit: z.string(), scale: z.number(), results: z.array(resultSchema) })

export interface KeptResults {
  readonly path: string
  readonly all: readonly KeptResult[]
  has(part: Part): boolean
  keep(result: KeptResult): void
}

interface Place {
  readonly root: string
  /** Of the run. */
  readonly name: string
  readonly commit: string
  readonly scale: number
  /** Forgets what an earlier run found. */
  readonly restart: boolean
}

/** Opens the results of a run; those of another commit or another scale are left out. */
export function openResults({ root, name, commit, scale, restart }: Place): KeptResults {
  const folder = join(root, '.results/endurance')
  const path = join(folder, `${name}-${scale}.json`)
  const results: KeptResult[] = restart ? [] : readResults(path, commit)
  return {
    path,
    all: results,
    has: (part) => results.some((result) => result.name === part.name && result.row === part.row),
    keep(result) {
      results.push(result)
      mkdirSync(folder, { recursive: true })
      // Moved into place, so that a run that is killed here leaves a whole file.
      writeFileSync(`${path}.new`, `${JSON.stringify({ commit, scale, results }, undefined, 2)}\n`)
      renameSync(`${path}.new`, path)
    },
  }
}

function readResults(path: string, commit: string): KeptResult[] {
  try {
    const file = fileSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
    return file.commit === commit ? file.results : []
  } catch {
    // There was no earlier run, or another version of this program wrote its file.
    return []
  }
}
