/** Looks up who is mentioned in a post. The text is not trusted: a mention notifies the account that the DID names. */
import 'server-only'
import { AtprotoAuthError } from 'next-atproto-auth'

/** The part of `auth.client()` that is used here. */
export interface Resolver {
  resolveIdentity(
    handle: string,
    options: { readonly signal: AbortSignal },
  ): Promise<{ readonly did: string }>
}

export interface Mentioned {
  /** The DIDs of the accounts that exist, by handle in lower case. */
  readonly dids: ReadonlyMap<string, string>
  /** Whether all handles were looked up, those that no account has among them. */
  readonly isComplete: boolean
}

/** Each handle is a host that the text names, and costs requests to it. */
const maxHandles = 20
/** For all of them: the person waits for the post. */
const timeoutMs = 5_000

/**
 * Looks up handles, at most twenty, all at once and for five seconds at most. A look-up that fails never throws: the
 * post is more important than its mentions.
 *
 * @param signal ends the wait
 */
export async function resolveMentions(
  handles: readonly string[],
  resolver: Resolver,
  signal = AbortSignal.timeout(timeoutMs),
): Promise<Mentioned> {
  const distinct = [...new Set(handles.map((handle) => handle.toLowerCase()))]
  const asked = distinct.slice(0, maxHandles)
  const answers = await Promise.all(
    asked.map(async (handle) => [handle, await lookUp(handle, resolver, signal)] as const),
  )
  return {
    dids: new Map(answers.flatMap(([handle, did]) => (did ? [[handle, did]] : []))),
    isComplete: asked.length === distinct.length && answers.every(([, did]) => did !== undefined),
  }
}

/** The DID; null when there is no such account, undefined when that could not be asked. */
async function lookUp(
  handle: string,
  resolver: Resolver,
  signal: AbortSignal,
): Promise<string | null | undefined> {
  try {
    return (await resolver.resolveIdentity(handle, { signal })).did
  } catch (error) {
    if (error === signal.reason) return undefined
    if (error instanceof AtprotoAuthError) return error.retryable ? undefined : null
    throw error
  }
}
