/** When something was wrong on purpose: only then, and shortly after it, a request may fail. */

/** `quiet` troubles must fail no request, or only those that the oracle knows: a restart, a new nonce, a killed process. */
export type TroubleKind = 'store' | 'server' | 'stall' | 'quiet'

export interface TroubleLog {
  /** Of those that were made on purpose. */
  readonly count: number
  /** Notes a trouble; the function notes its end. */
  begin(name: string, kind: TroubleKind): () => void
  /** Whether a request that began and ended then may have failed. */
  excuses(from: number, to: number): boolean
  /** Since when the store is in trouble, or was until just now; undefined when it was not. `performance.now()`. */
  storeTroubleSince(): number | undefined
  /** What goes on, for the sentence of a loss. */
  describe(): string
}

interface Trouble {
  readonly name: string
  readonly kind: TroubleKind
  readonly from: number
  to: number | undefined
}

/** Until connections are made again, and pauses that a server asked for are over. */
const AFTERMATH_MS = 5_000

export function createTroubleLog(): TroubleLog {
  const troubles: Trouble[] = []
  const lasting = (trouble: Trouble, at: number) => (trouble.to ?? at) + AFTERMATH_MS >= at
  return {
    get count() {
      return troubles.filter(({ kind }) => kind !== 'stall').length
    },
    begin(name, kind) {
      const trouble: Trouble = { name, kind, from: performance.now(), to: undefined }
      troubles.push(trouble)
      return () => {
        trouble.to = performance.now()
      }
    },
    excuses: (from, to) =>
      troubles.some((trouble) => trouble.kind !== 'quiet' && trouble.from <= to && lasting(trouble, from)),
    storeTroubleSince() {
      const now = performance.now()
      return troubles.find((trouble) => trouble.kind === 'store' && lasting(trouble, now))?.from
    },
    describe() {
      const now = performance.now()
      const recent = troubles.filter((trouble) => lasting(trouble, now))
      return (
        recent.map(({ name, to }) => (to === undefined ? name : `${name}, over`)).join('; ') || 'no trouble'
      )
    },
  }
}
