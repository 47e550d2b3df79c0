/** What a long run is made of: parts that are played one after the other, each with a result of its own that is kept. */

export interface LongRun {
  /** One sentence for the list of runs. */
  readonly what: string
  /** The parts of the run, in order; `scale` is a share of the full run, above 0 and up to 1. */
  parts(scale: number): readonly Part[]
  /** The columns of its table that count something. */
  readonly counts: readonly string[]
}

export interface Part {
  /** The row of the table that its result belongs to, such as the store. */
  readonly row: string
  /** Tells it from the other parts of this run: the part keeps its name and content in every run of this scale. */
  readonly name: string
  play(): Promise<PartResult>
}

export interface PartResult {
  /** By column, as in `counts` of the run. Those of one row are added up. */
  readonly counts: Readonly<Record<string, number>>
  /** What should not have happened, a sentence each: a token sent twice, a session that ended, a call that failed. */
  readonly lost: readonly string[]
}
