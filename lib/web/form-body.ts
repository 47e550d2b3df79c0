/** The fields of a posted form, as our own forms send them: URL-encoded and small. */
import { mediaTypeOf } from '../net/media-type.ts'

const MAX_BYTES = 16 * 1024

/** The fields; undefined when the body is of another type or too large. */
export async function readForm(request: Request): Promise<URLSearchParams | undefined> {
  if (mediaTypeOf(request.headers) !== 'application/x-www-form-urlencoded') return undefined
  const decoder = new TextDecoder()
  let [text, size] = ['', 0]
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength
    if (size > MAX_BYTES) return undefined
    text += decoder.decode(chunk, { stream: true })
  }
  return new URLSearchParams(text)
}
