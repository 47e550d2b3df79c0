/**
 * What keeps an account with very many sessions from crowding the store, or a server: its owner may ask for the list again and
 * again, and every other request needs the store too.
 */

const AT_A_TIME = 20

/** What `work` gives for each item, in their order; twenty are worked on at a time. */
export async function mapAFewAtATime<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = []
  const waiting = items.entries()
  const worker = async () => {
    // Shared by all workers: each takes the next one.
    for (const [index, item] of waiting) results[index] = await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(AT_A_TIME, items.length) }, worker))
  return results
}

interface Runs<Result> {
  readonly running: Promise<Result>
  /** For all calls that came since that one began: it begins when that one ends. */
  next?: Promise<Result>
}

/** Returns a function that runs work once at a time for each key. No call gets the result of a run that began before it. */
export function createSharedRuns<Key, Result>(): (key: Key, work: () => Promise<Result>) => Promise<Result> {
  const runs = new Map<Key, Runs<Result>>()

  function begin(key: Key, work: () => Promise<Result>): Promise<Result> {
    const running = work()
    const entry: Runs<Result> = { running }
    runs.set(key, entry)
    const end = () => {
      if (!entry.next) runs.delete(key)
    }
    running.then(end, end)
    return running
  }

  return (key, work) => {
    const known = runs.get(key)
    if (!known) return begin(key, work)
    const start = () => begin(key, work)
    known.next ??= known.running.then(start, start)
    return known.next
  }
}
