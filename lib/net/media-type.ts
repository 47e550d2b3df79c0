/** The media type of a body, from `Content-Type` (RFC 9110 §8.3.1). */

/** Returns the media type in lower case and without parameters, or undefined when there is none. */
export function mediaTypeOf(headers: Headers): string | undefined {
  return headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
}

/** Whether the body is JSON: `application/json`, or a type based on it, such as that of DID documents. */
export function isJson(headers: Headers): boolean {
  return /^application\/(?:[a-z0-9.+-]+\+)?json$/.test(mediaTypeOf(headers) ?? '')
}
