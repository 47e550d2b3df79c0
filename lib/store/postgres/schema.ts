/**
 * The table of the PostgreSQL store, and the SQL that makes it. There is one table, because each promise of the store is
 * one statement. Its columns can be read in SQL; what is secret is sealed, and every name of a row is a hash.
 */
import { ConfigurationError } from '../../errors.ts'

/** Where the table is. */
export interface PostgresTable {
  /** Schema of the table; default the first of the role's `search_path`, usually `public`. */
  readonly schema?: string | undefined
  /** Name of the table; default `atproto_auth`. Its view has the same name with `_sessions`. */
  readonly table?: string | undefined
}

/** The names as they stand in SQL. */
export interface PostgresNames {
  /** The table, quoted, with its schema if one is set. */
  readonly table: string
  /** The view of the sessions. */
  readonly view: string
  /** The index by time of expiry: the name alone, because an index is in the schema of its table. */
  readonly index: string
  readonly indexInSchema: string
}

export const DEFAULT_TABLE = 'atproto_auth'
/** PostgreSQL cuts names after 63 bytes; the view and the index have longer ones than the table. */
const namePattern = /^[a-z_][a-z0-9_]{0,47}$/

/**
 * The names of the table and what belongs to it.
 *
 * @throws ConfigurationError for a name that would need more than quotes, or is longer than 48 characters
 */
export function namesOf({ schema, table = DEFAULT_TABLE }: PostgresTable): PostgresNames {
  for (const name of [table, ...(schema === undefined ? [] : [schema])]) {
    if (!namePattern.test(name))
      throw new ConfigurationError(
        `${JSON.stringify(name.slice(0, 60))} is not a name for the schema or table of the session store. Use lower-case letters, digits and underscores, at most 48.`,
      )
  }
  const prefix = schema === undefined ? '' : `"${schema}".`
  return {
    table: `${prefix}"${table}"`,
    view: `${prefix}"${table}_sessions"`,
    index: `"${table}_expires_at"`,
    indexInSchema: `${prefix}"${table}_expires_at"`,
  }
}

/** Of the schema that this version needs. A newer one only adds to it, so that older versions go on working. */
export const SCHEMA_VERSION = 1

const columns = [
  ...['kind', 'key', 'member', 'value', 'generation', 'writer', 'created_at', 'updated_at', 'expires_at'],
]

/**
 * The SQL that makes the table, its index and its view, where they are missing. It is one statement, so it is one
 * transaction however it is sent, and waits for another process that runs it at the same time. It may be run again: where
 * nothing is missing it changes nothing, also not what a newer release has added, and needs no right to make anything.
 * A table that is found in any schema of the `search_path` is the table: a second one before it would hide its sessions.
 *
 * A table of that name with other columns is left alone: the statement then fails with the code 42P07.
 *
 * @param role is granted its rights by further statements; without it, they are comments
 */
export function postgresSchema(place: PostgresTable = {}, role?: string): string {
  const { table, view, index, indexInSchema } = namesOf(place)
  return `-- next-atproto-auth: sessions, schema ${SCHEMA_VERSION}
DO $atproto_auth$
DECLARE
  -- Of the table, if it is there: all columns, those of PostgreSQL too, and those of this release.
  present integer;
  known integer;
  is_new boolean;
BEGIN
  -- Until the end of this transaction: processes that start together make the table once.
  PERFORM pg_advisory_xact_lock(hashtext('next-atproto-auth schema'));
  SELECT count(*), count(*) FILTER (WHERE attname IN (${columns.map((name) => `'${name}'`).join(', ')}))
    INTO present, known FROM pg_attribute WHERE attrelid = to_regclass('${table}') AND NOT attisdropped;
  IF present > 0 AND known <> ${columns.length} THEN
    RAISE EXCEPTION 'the table exists already, with other columns' USING ERRCODE = 'duplicate_table';
  END IF;
  is_new := to_regclass('${table}') IS NULL;
  IF NOT is_new AND present = 0 THEN
    -- It was made by another process, and this transaction still sees the time before, as serializable ones do.
    RETURN;
  END IF;
  IF is_new THEN
    CREATE TABLE ${table} (
      -- 'value' (sessions, and sign-ins under way), 'member' (the sessions of an account), 'lease', 'counter', 'removed'
      kind text NOT NULL,
      -- For a session 'session:' and a hash of its id; for a member 'account:' and the blind id of its account
      key text NOT NULL,
      -- For a member the hash of the session
      member text NOT NULL DEFAULT '',
      -- Sealed, or for a lease its random owner
      value text,
      -- How often a value was written, or what a counter has counted
      generation bigint NOT NULL DEFAULT 1,
      -- Random, of the last write
      writer text,
      created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      expires_at timestamptz NOT NULL,
      PRIMARY KEY (kind, key, member)
    );
    COMMENT ON TABLE ${table} IS 'next-atproto-auth schema ${SCHEMA_VERSION}';
  END IF;
  IF NOT EXISTS (
    SELECT FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
    WHERE indrelid = to_regclass('${table}') AND attname = 'expires_at' AND indisvalid AND indpred IS NULL
  ) THEN
    IF to_regclass('${indexInSchema}') IS NULL THEN
      CREATE INDEX ${index} ON ${table} (expires_at);
    ELSE
      -- A table that was given another name keeps the names of its indexes.
      CREATE INDEX ON ${table} (expires_at);
    END IF;
  END IF;
  IF is_new OR to_regclass('${view}') IS NULL THEN
    -- One row for each session of an account. After a change of secrets a session may be there under two accounts.
    CREATE OR REPLACE VIEW ${view} AS
      SELECT entry.key AS account, session.key AS session, session.generation,
        session.created_at, session.updated_at, session.expires_at
      FROM ${table} entry
      JOIN ${table} session
        ON session.kind = 'value' AND session.key = 'session:' || entry.member AND session.member = ''
      WHERE entry.kind = 'member' AND session.expires_at > statement_timestamp();
  END IF;
END
$atproto_auth$;
${role === undefined ? grantsAsComments(place) : grants(place, quoteRole(role))}`
}

function grants(place: PostgresTable, role: string): string {
  const { table, view } = namesOf(place)
  const usage = place.schema === undefined ? '' : `GRANT USAGE ON SCHEMA "${place.schema}" TO ${role};\n`
  return `${usage}GRANT SELECT, INSERT, UPDATE, DELETE ON ${table} TO ${role};\nGRANT SELECT ON ${view} TO ${role};\n`
}

function grantsAsComments(place: PostgresTable): string {
  const lines = grants(place, 'app').replaceAll(/^(?=.)/gm, '--   ')
  return `-- For the role that the application uses, here called app (--grant app prints this for use):\n${lines}`
}

/** @throws ConfigurationError for what is no name: empty, longer than 63 bytes, or with a character that ends a text */
function quoteRole(role: string): string {
  if (role === '' || Buffer.byteLength(role) > 63 || /\p{Cc}/u.test(role))
    throw new ConfigurationError('The role to grant rights to must have a name of 1 to 63 bytes.')
  return `"${role.replaceAll('"', '""')}"`
}
