/** What a measure is, what it is given, and the tables that it fills. */
import type { StorePlace } from './clients/client.ts'
import type { ClientName } from './clients/index.ts'
import type { BenchNetwork } from './network/network.ts'
import { type Figure, figureOf } from './statistics.ts'
import type { Worker } from './work/worker.ts'

/** How a figure is written: `s⁻¹` is a rate, `` a count. */
export type Unit = 'µs' | 'ms' | 's⁻¹' | 'B' | 'KiB' | 'MiB' | ''

export interface Row {
  /** Finds the row again, for a goal; unique in its section. */
  readonly key: string
  readonly name: string
  readonly unit: Unit
  /** By column; a column without a figure is left empty. */
  readonly cells: Readonly<Record<string, Figure>>
}

export interface Table {
  /** What the rows are. */
  readonly head: string
  readonly columns: readonly string[]
  readonly rows: readonly Row[]
}

export interface Section {
  readonly name: string
  readonly title: string
  /** How it was measured, in Markdown. */
  readonly about: string
  readonly tables: readonly Table[]
}

export interface Measure {
  /** For `--only`. */
  readonly name: string
  run(context: Context): Promise<Section>
}

export interface NetworkChoice {
  /** Life of an access token in milliseconds; default an hour. */
  readonly lifetimeMs?: number
  /** Https on a host name, behind a link; default plain http. */
  readonly isTls?: boolean
  /** How late answers are, or, over TLS, how long a round trip takes, in milliseconds; default 0. */
  readonly latencyMs?: number
}

export interface WorkerChoice {
  readonly client: ClientName
  readonly network: BenchNetwork
  /** Default the memory of the process. */
  readonly place?: StorePlace
  /** Whether calls of the store are counted and timed, which costs time; default false. */
  readonly isCounting?: boolean
}

/** What ends by itself when the measure is over. */
export interface Context {
  readonly isQuick: boolean
  /** The number of repetitions: of the real run, or of a quick one. */
  repeat(real: number, quick: number): number
  network(choice?: NetworkChoice): Promise<BenchNetwork>
  /** A client in a new process. */
  worker(choice: WorkerChoice): Promise<Worker>
  /** A new folder. */
  folder(): Promise<string>
  /** Ends with the measure. */
  use<T extends AsyncDisposable>(resource: T): T
  /** Tells the person at the terminal how far the measure is. */
  say(text: string): void
}

/** Collects measurements, and makes rows of them in the order in which they first came. */
export interface Collector {
  add(row: Pick<Row, 'key' | 'name' | 'unit'>, column: string, value: number): void
  rows(): readonly Row[]
}

export function createCollector(): Collector {
  const collected = new Map<
    string,
    { row: Pick<Row, 'key' | 'name' | 'unit'>; values: Map<string, number[]> }
  >()
  return {
    add(row, column, value) {
      const entry = collected.get(row.key) ?? { row, values: new Map<string, number[]>() }
      collected.set(row.key, entry)
      entry.values.set(column, [...(entry.values.get(column) ?? []), value])
    },
    rows() {
      return Array.from(collected.values(), ({ row, values }) => {
        const figures = Array.from(values, ([column, list]) => [column, figureOf(list)] as const)
        return { ...row, cells: Object.fromEntries(figures.flatMap(([c, f]) => (f ? [[c, f]] : []))) }
      })
    },
  }
}

/** The list as it is in one run and backwards in the next, so that neither end is always the one that is measured first. */
export function alternate<T>(list: readonly T[], run: number): readonly T[] {
  return run % 2 === 0 ? list : list.toReversed()
}
