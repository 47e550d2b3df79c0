/** Reads the body of a posted form, as the library's own forms send it: URL-encoded and small. */
import { mediaTypeOf } from '../net/media-type.ts'

const MAX_BYTES = 16 * 1024

/** The fields; undefined when the body has another type or more than 16 KiB. */
export async function readForm(request: Request): Promise<URLSearchParams | undefined> {
  if (mediaTypeOf(request.headers) !== 'application/x-www-form-urlencoded') return undefined
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength
    if (size > MAX_BYTES) return undefined
    text += decoder.decode(chunk, { stream: true })
  }
  return new URLSearchParams(text)
}
