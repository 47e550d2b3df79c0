/** When the browser fetches the profile of the account by itself. */
'use client'

import { useEffect, useRef } from 'react'
import type { BrowserSession } from './browser-session.ts'
import type { FetchedProfile } from './fetched-profile.ts'

/** A server that was too slow for the first answer may have answered by then. */
const RETRY_MS = 5_000

/** What there is, and what fetches it. */
interface ProfileState {
  readonly session: BrowserSession | Promise<BrowserSession>
  readonly profile: FetchedProfile | undefined
  readonly refetch: () => Promise<void>
}

/**
 * Fetches the profile after the page has loaded and when another account has become the active one, and once more when a
 * server could not be asked.
 */
export function useProfile(isWanted: boolean, { session, profile, refetch }: ProfileState): void {
  const did = profile?.did
  useEffect(() => {
    if (!isWanted) return
    let isOver = false
    const fetchIfMissing = (status: BrowserSession) => {
      if (!isOver && 'did' in status && status.did !== did) void refetch()
    }
    // A status that could not be read names no account.
    Promise.resolve(session).then(fetchIfMissing, () => undefined)
    return () => {
      isOver = true
    }
  }, [isWanted, session, did, refetch])

  const retried = useRef<string>(undefined)
  const isIncomplete = profile?.isComplete === false
  useEffect(() => {
    if (!isIncomplete || did === undefined || retried.current === did) return
    const timer = setTimeout(() => {
      retried.current = did
      void refetch()
    }, RETRY_MS)
    return () => clearTimeout(timer)
  }, [isIncomplete, did, refetch])
}
