/** Runs the statements of the PostgreSQL store: within a time limit, again where that is safe, and never after the end. */
import { ConfigurationError, StoreUnavailableError } from '../../errors.ts'
import { createTimeLimit } from '../time-limit.ts'
import { describeFailure, type FailedPlace, isConnectionLost, wasUndone } from './errors.ts'
import type { StatementKind } from './failure-reasons.ts'
import type { PostgresPool, PostgresRow } from './pool.ts'

/** How long a statement may take, with its further tries: a database that was suspended takes a second or two to come back. */
const LIMIT_MS = 5_000
/** Before each further try after a lost connection: the pool then has another one. */
const PAUSES_MS = [20, 200]
/** How often a statement is sent that others at the same time have undone, as with serializable transactions. */
const MAX_UNDONE = 20
/** The longest pause before that, and by how much each makes the next one longer. */
const UNDONE_PAUSE_MS = 20

export interface PostgresAnswer {
  readonly rows: readonly PostgresRow[]
  /** Whether the statement was sent more than once. */
  readonly isRepeated: boolean
}

export interface PostgresRunner {
  /**
   * Resolves to what a statement returns.
   * It is sent again when the connection was lost, so it must not matter if it is executed twice. One that has no answer
   * in time may still be executed later.
   *
   * @throws StoreUnavailableError; ConfigurationError
   */
  run(text: string, values: readonly unknown[]): Promise<PostgresAnswer>
  /** Ends it: every later statement fails. Whether it had not ended before. */
  close(): boolean
}

/**
 * @param schema the SQL that makes the table, executed before the first statement
 * @param place what the messages of errors name
 */
export function createPostgresRunner(
  pool: PostgresPool,
  schema: string | undefined,
  place: FailedPlace = {},
): PostgresRunner {
  let isClosed = false
  let prepared: Promise<unknown> | undefined

  async function prepare(): Promise<void> {
    if (schema === undefined) return
    prepared ??= send(schema, [], 'schema')
    const made = prepared
    await made.catch((error: unknown) => {
      if (prepared === made) prepared = undefined
      throw error
    })
  }

  async function send(
    text: string,
    values: readonly unknown[],
    kind: StatementKind,
  ): Promise<PostgresAnswer> {
    const limit = createTimeLimit(LIMIT_MS)
    const pauseAfter = createPauses()
    for (let tries = 0; ; tries += 1) {
      if (isClosed) throw new StoreUnavailableError('The session store is closed.')
      try {
        const result = await limit.within(() => pool.query(text, values.map(toColumn)))
        return { rows: rowsIn(result), isRepeated: tries > 0 }
      } catch (error) {
        const pauseMs = pauseAfter(error)
        if (pauseMs === undefined) throw describeFailure(error, kind, place)
        await limit
          .within(() => new Promise((resolve) => setTimeout(resolve, pauseMs)))
          .catch(() => {
            throw describeFailure(error, kind, place)
          })
      }
    }
  }

  return {
    async run(text, values) {
      await prepare()
      return send(text, values, 'operation')
    },
    close() {
      const wasOpen = !isClosed
      isClosed = true
      return wasOpen
    },
  }
}

/** For each failure of one statement, how long to wait before it is sent again; undefined if it is not. */
function createPauses(): (error: unknown) => number | undefined {
  let [lost, undone] = [0, 0]
  return (error) => {
    if (wasUndone(error)) {
      undone += 1
      return undone < MAX_UNDONE ? Math.random() * UNDONE_PAUSE_MS * undone : undefined
    }
    if (!isConnectionLost(error)) return undefined
    lost += 1
    return PAUSES_MS[lost - 1]
  }
}

/** The type of the pool says it, but a driver of another kind may have been passed with a cast. */
function rowsIn(result: { readonly rows?: unknown } | undefined): readonly PostgresRow[] {
  // Rows may be arrays too: the option rowMode of pg.
  if (Array.isArray(result?.rows) && !Array.isArray(result.rows[0])) return result.rows
  throw new ConfigurationError(
    'The pool of the session store does not return { rows }, with an object for each row. Pass a Pool of pg or @neondatabase/serverless, PGlite, or an adapter with the same method query.',
  )
}

/** A text of PostgreSQL cannot hold NUL. Neither sealed values nor hashed keys contain these characters. */
function toColumn(value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll(/[%\0]/g, encodeURIComponent) : value
}

/** The text that was stored in a column. */
export function fromColumn(text: string): string {
  return text.replaceAll(/%(?:25|00)/g, decodeURIComponent)
}
