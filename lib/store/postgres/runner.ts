/** Runs the statements of the PostgreSQL store: within a time limit, again where that is safe, and never after the end. */
import { StoreUnavailableError } from '../../errors.ts'
import { createTimeLimit } from '../time-limit.ts'
import { isConnectionLost, postgresFailure, wasUndone } from './errors.ts'
import type { PostgresPool, PostgresRow } from './pool.ts'

/** How long an operation may take in all: a database that was suspended takes a second or two to come back. */
const LIMIT_MS = 5_000
/** Before each further try: the pool then has another connection, and the other transactions are over. */
const PAUSES_MS = [20, 200]

export interface PostgresAnswer {
  readonly rows: readonly PostgresRow[]
  /** Whether the statement was sent more than once. */
  readonly isRepeated: boolean
}

export interface PostgresRunner {
  /**
   * Resolves to what a statement returns.
   * It is sent again when the connection was lost, so it must not matter if it is executed twice.
   *
   * @throws StoreUnavailableError; ConfigurationError
   */
  run(text: string, values: readonly unknown[]): Promise<PostgresAnswer>
  /** Ends it: every later statement fails. Whether it had not ended before. */
  close(): boolean
}

/** @param schema the SQL that makes the table, executed before the first statement */
export function createPostgresRunner(pool: PostgresPool, schema: string | undefined): PostgresRunner {
  let isClosed = false
  let prepared: Promise<unknown> | undefined

  async function prepare(): Promise<void> {
    if (schema === undefined) return
    prepared ??= send(schema, [])
    const made = prepared
    await made.catch((error: unknown) => {
      if (prepared === made) prepared = undefined
      throw error
    })
  }

  async function send(text: string, values: readonly unknown[]): Promise<PostgresAnswer> {
    const limit = createTimeLimit(LIMIT_MS)
    for (let tries = 0; ; tries += 1) {
      if (isClosed) throw new StoreUnavailableError('The session store is closed.')
      try {
        const { rows } = await limit.within(() => pool.query(text, values.map(toColumn)))
        return { rows, isRepeated: tries > 0 }
      } catch (error) {
        const pauseMs = PAUSES_MS[tries]
        const mayRepeat = wasUndone(error) || isConnectionLost(error)
        if (pauseMs === undefined || !mayRepeat) throw postgresFailure(error)
        await limit.within(() => new Promise((resolve) => setTimeout(resolve, pauseMs)))
      }
    }
  }

  return {
    async run(text, values) {
      await prepare()
      return send(text, values)
    },
    close() {
      const wasOpen = !isClosed
      isClosed = true
      return wasOpen
    },
  }
}

/** A text of PostgreSQL cannot hold NUL. Neither sealed values nor hashed keys contain these characters. */
function toColumn(value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll(/[%\0]/g, encodeURIComponent) : value
}

/** The text that was stored in a column. */
export function fromColumn(text: string): string {
  return text.replaceAll(/%(?:25|00)/g, decodeURIComponent)
}
