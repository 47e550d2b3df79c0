/** When a user comes back to the window of a page. */
'use client'

import { useEffect } from 'react'

/** How long a status counts as new. It also limits how often a user who changes windows a lot causes a request. */
const FRESH_MS = 5_000

/**
 * Calls `onReturn` when the page's window gets the focus or its tab is shown, at most every five seconds: an earlier
 * return counts at the end of that time. A page from the back-forward cache is old, so for it there is no wait.
 *
 * @param onReturn undefined to do nothing
 */
export function useReturnToPage(onReturn: (() => unknown) | undefined): void {
  useEffect(() => {
    if (onReturn === undefined) return
    let checkedAt = Date.now()
    let timer: ReturnType<typeof setTimeout> | undefined
    const check = () => {
      clearTimeout(timer)
      timer = undefined
      checkedAt = Date.now()
      onReturn()
    }
    const onShow = () => {
      if (document.visibilityState === 'visible')
        // The clock of the device may have been set back.
        timer ??= setTimeout(check, Math.min(FRESH_MS, checkedAt + FRESH_MS - Date.now()))
    }
    const onPageShow = ({ persisted }: PageTransitionEvent) => persisted && check()
    window.addEventListener('focus', onShow)
    document.addEventListener('visibilitychange', onShow)
    window.addEventListener('pageshow', onPageShow)
    return () => {
      clearTimeout(timer)
      window.removeEventListener('focus', onShow)
      document.removeEventListener('visibilitychange', onShow)
      window.removeEventListener('pageshow', onPageShow)
    }
  }, [onReturn])
}
