/** Rows for `it.each` whose names stay short however long the values are. */
export function labelled<T>(values: readonly T[]): readonly (readonly [string, T])[] {
  return values.map((value) => {
    const text = JSON.stringify(value) ?? 'undefined'
    return [text.length > 60 ? `${text.slice(0, 60)}… (${text.length})` : text, value]
  })
}
