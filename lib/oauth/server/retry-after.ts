/** How long a server wants to be left alone, as its headers say. */

/**
 * `Retry-After` (RFC 9110 §10.2.3), seconds or a date, in milliseconds from `now`; undefined when it is absent,
 * unreadable or over.
 *
 * @param now epoch milliseconds
 */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  const header = headers.get('retry-after')
  return header === null ? undefined : positive(secondsMs(header) ?? Date.parse(header) - now)
}

/**
 * `RateLimit-Reset` in milliseconds from `now`: an epoch in seconds at the reference PDS, seconds to wait elsewhere.
 *
 * @param now epoch milliseconds
 */
export function rateLimitResetMs(headers: Headers, now: number): number | undefined {
  const header = headers.get('ratelimit-reset')
  if (header === null) return undefined
  return positive(/^\d{9,12}$/.test(header) ? Number(header) * 1000 - now : secondsMs(header))
}

function secondsMs(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) * 1000 : undefined
}

function positive(ms: number | undefined): number | undefined {
  return ms !== undefined && ms > 0 ? ms : undefined
}
