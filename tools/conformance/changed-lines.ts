/** What a page that is out of date says, and what it should: a reader of a log has no other way to see it. */

const MAX_LINES = 40

/** The lines of which only one of two texts has as many: `- ` before those of the first, `+ ` of the second, 40 at most. */
export function changedLines(before: string, after: string): readonly string[] {
  const [old, current] = [before.split('\n'), after.split('\n')]
  const changed = [
    ...surplus(old, current).map((line) => `- ${line}`),
    ...surplus(current, old).map((line) => `+ ${line}`),
  ]
  const more = changed.length - MAX_LINES
  return more > 0 ? [...changed.slice(0, MAX_LINES), `… and ${more} more`] : changed
}

function surplus(lines: readonly string[], others: readonly string[]): readonly string[] {
  const left = new Map<string, number>()
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1)
  return lines.filter((line) => {
    const count = left.get(line) ?? 0
    left.set(line, count - 1)
    return count <= 0
  })
}
