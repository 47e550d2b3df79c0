/** Stops renewals at the authorization server, each at its own point, until the test lets them go on. */
import type { Answer } from '../protocol/scripted-server.ts'
import type { SignedIn, World } from './world.ts'

/**
 * Where the server stops: it has the request and has done nothing; it asks for another nonce; or it has renewed the
 * tokens.
 */
export type ServerPoint = 'request' | 'nonce' | 'rotation'

export interface TokenGate {
  hold(session: SignedIn, point: ServerPoint): void
  /** Resolves when so many requests were stopped. */
  held(count: number): Promise<void>
  /** Drops what had done nothing yet, and sends the other answers. */
  open(): void
}

export function createTokenGate({ network }: World): TokenGate {
  const points = new Map<string, ServerPoint>()
  const opened = Promise.withResolvers<void>()
  const waiting = new Map<number, PromiseWithResolvers<void>>()
  let stopped = 0

  const stop = () => {
    stopped += 1
    waiting.get(stopped)?.resolve()
    return opened.promise
  }

  network.home.as.answer('/oauth/token', async ({ form }, usual): Promise<Answer> => {
    const token = form.get('refresh_token') ?? ''
    const point = points.get(token)
    points.delete(token)
    if (point === undefined) return usual()
    if (point === 'nonce') {
      await stop()
      const headers = { 'dpop-nonce': network.home.as.nonces.current() }
      return { status: 400, json: { error: 'use_dpop_nonce' }, headers }
    }
    if (point === 'request') {
      await stop()
      return { drop: true }
    }
    const answer = await usual()
    const isRefusal = answer.status !== undefined
    // It asked for a nonce first, which the process did not know yet: the tokens are those that it had.
    if (isRefusal) points.set(token, point)
    else await stop()
    return answer
  })
  return {
    hold: ({ refreshToken }, point) => void points.set(refreshToken, point),
    held(count) {
      if (stopped >= count) return Promise.resolve()
      const reached = waiting.get(count) ?? Promise.withResolvers<void>()
      waiting.set(count, reached)
      return reached.promise
    },
    open: opened.resolve,
  }
}
