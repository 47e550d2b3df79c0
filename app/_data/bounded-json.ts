/**
 * Reads JSON from a server that nobody vouches for: anybody may sign in with a PDS of their own, and one that
 * never stops sending must not fill this app's memory.
 */
import 'server-only'

const maxBytes = 2 * 1024 * 1024

/** The parsed body, or undefined when it is no JSON, breaks off, or holds more than two megabytes. */
export async function readBoundedJson(response: Response): Promise<unknown> {
  try {
    return JSON.parse(await readText(response))
  } catch {
    // A proxy before the PDS may answer in HTML, and a connection may break half-way: no body is no valid body.
    return undefined
  }
}

async function readText(response: Response): Promise<string> {
  if (response.body === null) return ''
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  // Leaving the loop by an error cancels the stream, and with it the connection.
  for await (const chunk of response.body) {
    size += chunk.byteLength
    if (size > maxBytes) throw new RangeError(`The answer holds more than ${maxBytes} bytes.`)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}
