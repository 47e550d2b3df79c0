/** What `Content-Type` says a body is (RFC 9110 §8.3.1). */

/** The media type in lower case, without parameters; undefined when there is none. */
export function mediaTypeOf(headers: Headers): string | undefined {
  return headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
}

/** Whether the body is JSON: `application/json`, or a type built on it, such as that of DID documents. */
export function isJson(headers: Headers): boolean {
  return /^application\/(?:[a-z0-9.+-]+\+)?json$/.test(mediaTypeOf(headers) ?? '')
}
