/** Whether a figure grows from sample to sample, or only goes up and down. */

export interface Growth {
  /** Mean of the first third of the samples. */
  readonly first: number
  /** Mean of the last third. */
  readonly last: number
  /** What the line of least squares rises from the first sample to the last. */
  readonly rise: number
}

export function growthOf(samples: readonly number[]): Growth {
  const third = Math.max(1, Math.floor(samples.length / 3))
  const middle = (samples.length - 1) / 2
  const mean = meanOf(samples)
  const spread = samples.reduce((sum, _, index) => sum + (index - middle) ** 2, 0)
  const slope =
    samples.reduce((sum, value, index) => sum + (index - middle) * (value - mean), 0) / (spread || 1)
  return {
    first: meanOf(samples.slice(0, third)),
    last: meanOf(samples.slice(-third)),
    rise: slope * (samples.length - 1),
  }
}

/** Whether both the line and the thirds rise by more than the limit: one high sample alone makes no growth. */
export function grows({ first, last, rise }: Growth, limit: number): boolean {
  return rise > limit && last - first > limit
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / (values.length || 1)
}
