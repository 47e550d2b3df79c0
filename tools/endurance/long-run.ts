/** What a long run is made of: parts that are played one after the other, each with a result of its own that is kept. */

export interface LongRun {
  /** One sentence for the list of runs. */
  readonly what: string
  /** The parts of the run, in order; `scale` is a share of the full run, above 0 and up to 1. */
  parts(scale: number): readonly Part[]
  /** What its parts count, in the order of the table's columns. */
  readonly counts: readonly string[]
  /** Its own table, in Markdown, where sums say too little; default: a line for each row with the sums of its parts. */
  renderTable?(results: readonly KeptResult[]): string
  /** What it plays when it is called with options of its own. */
  readonly single?: SinglePlay
}

export interface Part {
  /** The row of the table that its result belongs to, such as the store. */
  readonly row: string
  /** Tells it from the other parts of this run: the part keeps its name and content in every run of this scale. */
  readonly name: string
  /** Minutes after which it hangs, and the run is given up; default 30. */
  readonly limitMinutes?: number
  play(): Promise<PartResult>
}

export interface PartResult {
  /** By column, as in `counts` of the run. Those of one row are added up. */
  readonly counts: Readonly<Record<string, number>>
  /** What should not have happened, a sentence each: a token sent twice, a session that ended, a call that failed. */
  readonly lost: readonly string[]
}

/** The result of a part that was played. */
export interface KeptResult extends PartResult {
  readonly row: string
  readonly name: string
  readonly seconds: number
}

/** A play outside of the run's parts: it is printed and not kept. */
export interface SinglePlay {
  /** The options, a line each. */
  readonly usage: string
  /**
   * What was lost.
   *
   * @param args as on the command line; throws a TypeError for an option that is not in `usage`
   */
  play(args: readonly string[]): Promise<readonly string[]>
}

/** Rounds that one part plays. */
export interface Rounds {
  /** Such as `rounds 11 to 20`. */
  readonly name: string
  readonly count: number
}

/** So many rounds of a full run at that scale, at least one, in portions of at most `most`. */
export function splitRounds(full: number, scale: number, most: number): readonly Rounds[] {
  const all = Math.max(1, Math.round(full * scale))
  return Array.from({ length: Math.ceil(all / most) }, (_, index) => {
    const before = index * most
    const count = Math.min(most, all - before)
    return { name: `rounds ${before + 1} to ${before + count}`, count }
  })
}
