/**
 * Standard Schema, version 1 (https://standardschema.dev): the part that is used here. It is declared, not imported, so
 * that the type of the option depends on no schema library.
 */

/** A schema of Zod, Valibot, ArkType or any other library that implements Standard Schema, version 1. */
export interface StandardSchema<Output> {
  readonly '~standard': StandardProps<Output>
}

interface StandardProps<Output> {
  readonly version: 1
  readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
}

type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

interface SchemaIssue {
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** @throws TypeError for anything that does not implement Standard Schema */
export function assertSchema(schema: StandardSchema<unknown>): void {
  const standard: unknown = Object(schema)['~standard']
  if (typeof Object(standard).validate === 'function') return
  throw new TypeError(
    'A schema that implements Standard Schema (https://standardschema.dev) was expected as schema.',
  )
}

/** The schema's output for a value, or the path of the first field that does not fit, e.g. `records.0.uri`; empty for the whole value. */
export async function applySchema<Output>(
  schema: StandardSchema<Output>,
  value: unknown,
): Promise<{ readonly ok: true; readonly output: Output } | { readonly ok: false; readonly field: string }> {
  const result = await schema['~standard'].validate(value)
  if (result.issues === undefined) return { ok: true, output: result.value }
  const path = result.issues[0]?.path ?? []
  // Not `path.map`: in some libraries a path is a subclass of Array, whose constructor `map` would call.
  const keys = Array.from(path, (part) => String(typeof part === 'object' ? part.key : part))
  return { ok: false, field: keys.join('.') }
}
