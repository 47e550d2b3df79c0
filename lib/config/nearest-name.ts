/** The name that was probably meant, for messages such as "There is no option privateHost. Did you mean privateHosts?" */

/** Names of which one contains the other are alike if the shorter one has so many letters. */
const MIN_PART = 3

/**
 * Returns the known name that is most like the one that was written; undefined when none is. Case, hyphens and
 * underscores do not matter. A third of the letters may differ, or one name may contain the other.
 */
export function nearestName(written: string, known: readonly string[]): string | undefined {
  const text = plain(written)
  if (text.length > 64) return undefined
  const scored = known.map((name) => ({ name, score: scoreOf(text, plain(name)) }))
  const [best] = scored.filter(({ score }) => score < Infinity).toSorted((a, b) => a.score - b.score)
  return best?.name
}

/** Returns the sentence, with a space in front; empty when no known name is like the one that was written. */
export function didYouMean(written: string, known: readonly string[]): string {
  const name = nearestName(written, known)
  return name === undefined ? '' : ` Did you mean ${name}?`
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, '')
}

function scoreOf(text: string, name: string): number {
  const distance = editDistance(text, name)
  if (distance <= Math.ceil(Math.max(text.length, name.length) / 3)) return distance
  const [short, long] = text.length < name.length ? [text, name] : [name, text]
  return short.length >= MIN_PART && long.includes(short) ? distance : Infinity
}

/** Counts the letters to insert, remove or replace (Levenshtein). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1]
    for (const [column, other] of [...to].entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
