/** The session status that the server rendered, until a newer one is fetched from the session route. */
'use client'

import { useRouter } from 'next/navigation.js'
import { useCallback, useRef, useState } from 'react'
import { type BrowserSession, toBrowserSession } from './browser-session.ts'
import { type FetchedProfile, toFetchedProfile } from './fetched-profile.ts'

type SessionValue = BrowserSession | Promise<BrowserSession>

interface Fetched {
  /** The rendered status that this one replaces. */
  readonly given: SessionValue
  readonly session: BrowserSession
}

interface FetchedSession {
  readonly session: SessionValue
  /** The profile that was fetched last, if the address asks for it. */
  readonly profile: FetchedProfile | undefined
  readonly isLoading: boolean
  readonly error: Error | undefined
  /** Never rejects. Calls while a fetch runs share one that begins when it ends. */
  readonly refetch: () => Promise<void>
}

interface Fetches {
  running?: Promise<void> | undefined
  /** The one after that, for all calls that came meanwhile. */
  queued?: Promise<void>
  /** What the newest call does. */
  load?: () => Promise<void>
}

const TIMEOUT_MS = 15_000

/**
 * Returns `given`, or what `refetch` has fetched since it was rendered. If the account or its status has changed, the
 * server components of the page are rendered again.
 *
 * @param address path of the session route, with the query that asks for the profile if it is wanted
 */
export function useFetchedSession(given: SessionValue, address: string): FetchedSession {
  const router = useRouterIfAny()
  const [fetched, setFetched] = useState<Fetched>()
  const [profile, setProfile] = useState<FetchedProfile>()
  const [isLoading, setIsLoading] = useState(false)
  const [error, setError] = useState<Error>()
  const fetches = useRef<Fetches>({})
  const session = fetched?.given === given ? fetched.session : given

  const refetch = useCallback(() => {
    const load = async () => {
      setIsLoading(true)
      try {
        const { session: next, isComplete } = await fetchSession(address)
        // A given promise that was rejected has no account.
        const before = await Promise.resolve(session).catch((): BrowserSession => ({ kind: 'unknown' }))
        setError(undefined)
        if (isComplete !== undefined) setProfile((last) => toFetchedProfile(next, isComplete, last))
        if (isSame(before, next)) {
          // An earlier answer may have come since this call, which is the newer one.
          setFetched((current) =>
            current?.given === given && !isSame(current.session, next) ? { given, session: next } : current,
          )
          return
        }
        setFetched({ given, session: next })
        router?.refresh()
      } catch (cause) {
        setError(
          cause instanceof Error ? cause : new Error('The session status could not be fetched.', { cause }),
        )
      } finally {
        setIsLoading(false)
        delete fetches.current.running
      }
    }
    return begin(load, fetches.current)
  }, [given, session, address, router])
  return { session, profile, isLoading, error, refetch }
}

/** Begins a fetch, or waits for the one under way: that may be from before the sign-out that this call is to show. */
function begin(load: () => Promise<void>, fetches: Fetches): Promise<void> {
  fetches.load = load
  const start = async () => {
    delete fetches.queued
    fetches.running = fetches.load?.()
    await fetches.running
  }
  if (!fetches.running) return start()
  fetches.queued ??= fetches.running.then(start)
  return fetches.queued
}

interface Answer {
  readonly session: BrowserSession
  /** Whether its profile is complete; undefined when there is none. */
  readonly isComplete: boolean | undefined
}

async function fetchSession(address: string): Promise<Answer> {
  const response = await fetch(address, {
    headers: { accept: 'application/json' },
    cache: 'no-store',
    credentials: 'same-origin',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  if (!response.ok) throw new Error(`${address} responded with status ${response.status}.`)
  const answer = await response.json()
  const { isComplete } = answer
  return {
    session: toBrowserSession(answer),
    isComplete: typeof isComplete === 'boolean' ? isComplete : undefined,
  }
}

function isSame(one: BrowserSession, other: BrowserSession): boolean {
  const keyOf = (status: BrowserSession) => [
    status.kind,
    'did' in status ? status.did : '',
    'reason' in status ? status.reason : '',
  ]
  return String(keyOf(one)) === String(keyOf(other))
}

/** Undefined where there is no App Router, as in a unit test of a component. */
function useRouterIfAny(): Pick<ReturnType<typeof useRouter>, 'refresh'> | undefined {
  try {
    // biome-ignore lint/correctness/useHookAtTopLevel: it reads one context and throws if that is empty, at each render
    return useRouter()
  } catch {
    return undefined
  }
}
