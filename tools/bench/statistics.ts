/** What a number of measurements comes to. */
export interface Figure {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** Undefined without measurements. */
export function figureOf(values: readonly number[]): Figure | undefined {
  const [min, max] = [Math.min(...values), Math.max(...values)]
  return values.length === 0 ? undefined : { median: percentile(values, 50), min, max }
}

/** The nearest-rank percentile; 0 without measurements. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? 0
}
