/** Spans around what takes time. None holds a token, code, key, handle or DID. */

/** A span under way. */
export interface Span {
  set(attribute: string, value: string | number): void
}

/** Runs the work within a span of that name, and ends the span with it, whatever the outcome. */
export type Trace = <T>(
  name: SpanName,
  attributes: Readonly<Record<string, string | number>>,
  work: (span: Span) => Promise<T>,
) => Promise<T>

/** The spans there are. */
export type SpanName =
  | 'atproto.authorize' // from what was typed to the pushed authorization request
  | 'atproto.callback' // from the callback to the stored session
  | 'atproto.refresh' // refreshing tokens
  | 'atproto.request' // one call to the PDS, with whatever it takes to have a valid token

/** No spans. */
export const noTrace: Trace = (_name, _attributes, work) => work({ set: () => {} })
