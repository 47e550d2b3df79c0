/** `next-atproto-auth schema`: the SQL of a store's table, for the application's own migrations. */
import { postgresSchema } from '../store/postgres/schema.ts'
import { type Command, parseArguments, UsageError } from './terminal/command.ts'

/** The command `schema`. */
export const schema: Command = {
  summary: 'print the SQL that makes the table of the PostgreSQL store',
  help: `Usage: next-atproto-auth schema postgres [options]

Prints a statement, to be run by a role that may create tables. It makes what is missing and may be run again. Keep it
with your migrations, or send it to the database at once:

  npx next-atproto-auth schema postgres | psql "$ATPROTO_DATABASE_URL"

The role of the application needs USAGE on the schema, SELECT, INSERT, UPDATE and DELETE on the table, and, for queries of
your own, SELECT on its view. The schema itself is not made.

  --grant <role>   grant these rights to that role too
  --schema <name>  the schema of the table; default the first of the role's search_path, usually public
  --table <name>   the name of the table; default atproto_auth. Pass the same names to createPostgresStore`,
  async run(args, terminal) {
    const { values, positionals } = parseArguments(
      args,
      { schema: { type: 'string' }, table: { type: 'string' }, grant: { type: 'string' } },
      1,
    )
    const { grant, ...place } = values
    const [store] = positionals
    if (store !== 'postgres')
      throw new UsageError('Name the store: schema postgres. The other stores need no schema.')
    terminal.print(postgresSchema(place, grant).trimEnd())
    return 0
  },
}
