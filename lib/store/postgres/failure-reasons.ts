/**
 * For each way in which PostgreSQL fails, what happened and what to do about it: the two halves of an error's message, and of
 * what `doctor` prints.
 */

export interface FailureReason {
  /** The second half of a sentence that begins with the store. */
  readonly reason: string
  /** A sentence. */
  readonly advice: string
}

/** What failed: the SQL that makes the table, or anything else. */
export type StatementKind = 'schema' | 'operation'

const COMMAND = 'the SQL that "npx next-atproto-auth schema postgres" prints'
const RIGHTS = 'SELECT, INSERT, UPDATE and DELETE'
const LATER = 'Try again in a moment; if it lasts, look at the log of the server.'
const OTHER_TABLE =
  'To keep it, pass another name with the option table; otherwise remove it, which signs everybody out.'

/** By SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html), or by its class. */
const states: Readonly<Record<string, readonly [reason: string, advice: string]>> = {
  '08': [
    'the connection to it was lost',
    'If it happens again and again, look at the log of the server, or of the pooler in front of it.',
  ],
  // By the standard a violation of the protocol. PgBouncer gives it to whatever it does not let through.
  '08P01': [
    'the pooler in front of it did not let the connection through',
    'Check user, password and the name of the database in the connection string; the log of the pooler has the reason.',
  ],
  '23502': [
    'the table has a column that this release does not fill: it is of a newer release, or was changed',
    'Update next-atproto-auth, or give that column a default value.',
  ],
  '25P02': [
    'a transaction of the application that has failed is still open on this connection',
    'For the store, pass a pool, and no client that the application uses too.',
  ],
  '25006': [
    'it is a read-only replica',
    'Connect to the primary; if this is the primary, turn default_transaction_read_only off.',
  ],
  '28': [
    'it does not let this user in: no such role, a role that may not log in, or no line for it in pg_hba.conf',
    'Check the user in the connection string, and whether the server asks for TLS (sslmode).',
  ],
  '28P01': [
    'it refused the user or the password',
    'Correct them in the connection string, where the characters # / ? @ of a password are written as %23 %2F %3F %40.',
  ],
  '3D000': [
    'that database does not exist',
    'Create it, or correct its name at the end of the connection string.',
  ],
  '3F000': [
    'that schema does not exist',
    `Create it with CREATE SCHEMA, or correct the option schema; then run ${COMMAND}, or pass migrate: true.`,
  ],
  '40': [
    'other transactions were in the way',
    'Try again; if it lasts, pg_stat_activity shows what is going on there.',
  ],
  '42': ['the table is not the one of this release', OTHER_TABLE],
  '42703': [
    'the table lacks a column: it is of an older release, or of another program',
    `Run ${COMMAND}; if that is refused, pass another name with the option table, or remove the table, which signs everybody out.`,
  ],
  '42P01': [
    'the table does not exist, or not in the schema that this connection looks in',
    `Run ${COMMAND}, or pass migrate: true; if the table is elsewhere, name its schema and table.`,
  ],
  '42P07': ['a table of that name exists that is none of this package, or of an older release', OTHER_TABLE],
  '53': ['it is out of memory or disk space', 'Give the server more of it; no session is lost by that.'],
  '53100': ['its disk is full', 'Make room on it; no session is lost by that.'],
  '53300': [
    'it accepts no more connections',
    'Put a pooler in front of it, let pools be smaller, or raise max_connections or the CONNECTION LIMIT of the role.',
  ],
  '54': ['a key or value is too long for it', 'Report this: the library writes nothing of that length.'],
  '55P03': [
    'a row was locked for too long',
    'In pg_stat_activity, find the transaction that keeps the lock.',
  ],
  '57014': [
    'it cancelled the statement, which took too long or was ended by an administrator',
    'In pg_stat_activity, find what locks the table or keeps the server busy; if nothing does, raise statement_timeout.',
  ],
  '57P01': ['it is shutting down, or an administrator cut the connection', LATER],
  '57P02': ['it has crashed', LATER],
  '57P03': ['it is starting or stopping', LATER],
}

/** Of the class `42`: the code says what is wrong with the table. */
const unnamed = /^42/

/**
 * Why the server refused, by its SQLSTATE.
 *
 * @param table its name, quoted
 */
export function reasonOfState(state: string, kind: StatementKind, table = ''): FailureReason {
  if (state === '42501') return reasonOfRights(kind, table === '' ? 'the table' : `the table ${table}`)
  const own = states[state]
  const [reason, advice] = own ??
    states[state.slice(0, 2)] ?? [`it answered ${state}`, 'The log of the server has its reason.']
  return { reason: !own && unnamed.test(state) ? `${reason} (${state})` : reason, advice }
}

function reasonOfRights(kind: StatementKind, table: string): FailureReason {
  return kind === 'schema'
    ? {
        reason: 'the role may not make the table',
        advice: `It needs CREATE and USAGE on the schema; or run ${COMMAND} as another role, and grant this one ${RIGHTS} on ${table}.`,
      }
    : {
        reason: 'the role lacks a right',
        advice: `It needs ${RIGHTS} on ${table} and USAGE on its schema, and with row-level security a policy for all rows.`,
      }
}

/** No later try can succeed. */
const ENDED =
  'Find where end() is called on the pool, or close(), while requests still need it: at the end of the process alone.'

/** By the code of Node.js or of postgres.js, for connections that could not be opened. */
const connectionAdvice: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Start PostgreSQL there, or correct host and port of the connection string.',
  ENOTFOUND: 'Correct the name of the host in the connection string, or add it to the DNS that is used here.',
  EAI_AGAIN: 'Check the DNS of this machine or container, which did not answer.',
  CONNECTION_ENDED: ENDED,
  ENOENT: 'There is no such socket: correct the host of the connection string, or start PostgreSQL.',
}
const NO_ROUTE =
  'Check the network between here and the server, such as a firewall, and host and port of the connection string.'

/** Why there was no connection, by the code of Node.js. */
export function reasonOfCode(code: string, address: string | undefined): FailureReason {
  const at = address === undefined ? '' : ` at ${address}`
  if (/CERT|^UNABLE_TO_|^ERR_TLS_/.test(code)) {
    return {
      reason: `its certificate is not accepted (${code})`,
      advice:
        'Name its authority with sslrootcert in the connection string, or ssl.ca in your pool; one that has expired or is for another name has to be replaced.',
    }
  }
  return { reason: `it cannot be reached${at} (${code})`, advice: connectionAdvice[code] ?? NO_ROUTE }
}

/** What `pg` and PGlite say without a code, by the beginning of its message. */
const messages: readonly (readonly [start: string, reason: string, advice: string])[] = [
  [
    'The server does not support SSL',
    'it offers no TLS',
    'Turn ssl on at the server; only in a network that you trust, remove sslmode from the connection string.',
  ],
  [
    'SASL: SCRAM-SERVER-FIRST-MESSAGE: client password',
    'it asks for a password, and none was given',
    'Add the password to the connection string: postgres://user:password@host:port/database.',
  ],
  ...['Cannot use a pool after calling end', 'PGlite is closed'].map(
    (start) => [start, 'the pool was ended', ENDED] as const,
  ),
  ...['Client was closed', 'Client has encountered a connection error'].map(
    (start) =>
      [start, 'the client has lost its connection for good', 'Pass a pool, which connects again.'] as const,
  ),
]

/** Why a connection without any code was lost. */
export function reasonOfMessage(message: string): FailureReason {
  const [, reason, advice] = messages.find(([start]) => message.startsWith(start)) ?? [
    '',
    'the connection was lost',
    LATER,
  ]
  return { reason, advice }
}

/** Why there was no answer in time. It is not known what took so long. */
export function reasonOfSilence(address: string | undefined): FailureReason {
  const from = address === undefined ? '' : ` from ${address}`
  return {
    reason: `there was no answer in time${from}`,
    advice:
      'Check that no firewall is in between, that a pooler in front of it reaches it, that the pool has free connections, and in pg_stat_activity that nothing locks the table.',
  }
}
