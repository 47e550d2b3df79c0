/** What scripts of the strict servers are made of; the servers themselves are those of `next-atproto-auth/testing`. */
import type { Answer, Script } from '../../../lib/testing/servers/scripted-server.ts'

export {
  type Answer,
  type RecordedRequest,
  type Script,
  type ScriptedServer,
  startScriptedServer,
} from '../../../lib/testing/servers/scripted-server.ts'

/** The answer with some members of its JSON replaced, or removed by `undefined`. */
export function alter(answer: Answer, changes: Readonly<Record<string, unknown>>): Answer {
  return { ...answer, json: { ...answer.json, ...changes } }
}

/** A point that scripts wait at until the test lets them pass. */
export function createGate() {
  const reached = Promise.withResolvers<void>()
  const opened = Promise.withResolvers<void>()
  return {
    /** Resolves when the first script waits. */
    reached: reached.promise,
    open: () => opened.resolve(),
    pass(): Promise<void> {
      reached.resolve()
      return opened.promise
    },
  }
}

/** Does what is asked at once, and holds the answer back until the gate is open. */
export function holdAnswer({ pass }: Pick<ReturnType<typeof createGate>, 'pass'>): Script {
  return async (_, usual) => {
    const answer = await usual()
    await pass()
    return answer
  }
}
