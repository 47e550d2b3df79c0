/** An application that is broken on purpose, so that the test of a run sees whether the run finds it. */
import type { Break } from './messages.ts'

type Answer = (request: Request) => Promise<Response>

/** The answers with that fault in them. */
export function breakAnswers(fault: Break, answer: Answer): Answer {
  if (fault === 'mixes up browsers') return withEarlierAnswer(answer)
  if (fault === 'signs out on trouble') return signingOutOnTrouble(answer)
  return async (request) => {
    const response = await answer(request)
    response.headers.append('x-debug', `access.${'CANARY'}.0`)
    return response
  }
}

/** Answers a call with what the call before it got, as a cache does that does not look at cookies. */
function withEarlierAnswer(answer: Answer): Answer {
  let earlier: Response | undefined
  return async (request) => {
    const response = await answer(request)
    const isCall = new URL(request.url).pathname.startsWith('/xrpc/')
    if (!isCall || response.status !== 200) return response
    const given = earlier ?? response
    earlier = response.clone()
    return given === response ? response : given
  }
}

/** Removes the cookie where the library only says to try again. */
function signingOutOnTrouble(answer: Answer): Answer {
  return async (request) => {
    const response = await answer(request)
    if (response.status !== 503) return response
    const name = /(?:^|; )([^=;]*atproto-session[^=;]*)=/.exec(request.headers.get('cookie') ?? '')?.[1]
    const headers = new Headers({ location: '/' })
    if (name !== undefined) headers.append('set-cookie', `${name}=; Path=/; Max-Age=0`)
    return new Response(undefined, { status: 303, headers })
  }
}
