/** Reads bodies into memory, up to a limit. */
import { AtprotoAuthError } from '../errors.ts'

/**
 * Returns the body of a response as bytes; empty when there is none.
 *
 * @param source the origin or URL that answered, for the error message
 * @throws AtprotoAuthError `response_too_large`; the rest of the body is not read
 */
export async function readBytes(
  response: Response,
  maxBytes: number,
  source: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = response.body?.getReader()
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
    size += read.value.byteLength
    if (size > maxBytes) {
      await reader?.cancel()
      throw new AtprotoAuthError('response_too_large', `${source} sent more than ${maxBytes} bytes.`)
    }
    chunks.push(read.value)
  }
  const bytes = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.byteLength
  }
  return bytes
}
