/** A fetch as a platform might give it, which answers what the test says and keeps what it was asked. */
export interface FetchCall {
  readonly url: string
  readonly init: RequestInit & { readonly duplex?: string }
}

export function scriptedFetch(answer: (call: FetchCall) => Response | Promise<Response>) {
  const calls: FetchCall[] = []
  const fetch: typeof globalThis.fetch = async (input, init = {}) => {
    const call = { url: String(input), init }
    calls.push(call)
    return answer(call)
  }
  return { fetch, calls }
}

/** A response as a fetch gives it: with an address, a type and whether redirects lie behind it. */
export function responseOf(
  given: {
    readonly url?: string
    readonly redirected?: boolean
    readonly type?: ResponseType
    readonly status?: number
  },
  body: BodyInit | null = null,
): Response {
  const response = new Response(body)
  for (const [name, value] of Object.entries(given)) Object.defineProperty(response, name, { value })
  return response
}
