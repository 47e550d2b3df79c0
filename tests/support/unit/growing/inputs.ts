/** Inputs of any size: the inputs that an expression or a loop in a loop would choke on. */

/** A parser, and texts that grow with the number of characters that is asked for. */
export interface GrowingInputs {
  readonly parser: string
  readonly inputs: Readonly<Record<string, (size: number) => string>>
  /** May throw: a refusal is an answer, too. */
  readonly run: (text: string) => unknown
}

/** The piece again and again. */
export const many =
  (piece: string, start = '', end = '') =>
  (size: number) =>
    start + piece.repeat(Math.ceil(size / piece.length)) + end
/** A list of as many of these in a JSON document. */
export const listOf = (item: unknown, start: string, end: string) => (size: number) => {
  const text = JSON.stringify(item)
  return start + Array.from({ length: Math.ceil(size / (text.length + 1)) }, () => text).join(',') + end
}

/** JSON that is no such document, or hardly one. */
export const jsonInputs = {
  'deep lists': many('['),
  'deep objects': many('{"a":'),
  'balanced lists': (size: number) => '['.repeat(size / 2) + ']'.repeat(size / 2),
  'names again and again': many('"a":1,', '{', '"b":1}'),
  'one text': many('a', '"', '"'),
  escapes: many('\\u0000', '"', '"'),
  braces: many('}{'),
}
