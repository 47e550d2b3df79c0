/** What a run and the processes of its application say to each other. */
import type { StoreKind } from '../../../tests/support/faults/store-place.ts'

/** Ways in which an application is broken on purpose, to see that a run finds it. */
export type Break = 'mixes up browsers' | 'signs out on trouble' | 'shows a token'

/** What a process is started with. */
export interface AppSetup {
  readonly kind: StoreKind
  /** Of the store, for `openStore`. */
  readonly address: string
  readonly publicUrl: string
  readonly secret: string
  readonly plcDirectory: string
  readonly handleResolver: string
  readonly breaks?: Break | undefined
}

/** What a process holds. */
export interface Sample {
  /** Bytes. */
  readonly heapUsed: number
  /** Bytes. */
  readonly rss: number
  /** The kind of each timer, connection and the like that keeps the process running. */
  readonly resources: readonly string[]
  /** How many file descriptors are open. */
  readonly files: number
}

export type AppTold = { readonly port: number } | { readonly sample: Sample }
