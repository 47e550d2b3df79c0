'use client'

import { createContext, type ReactNode, Suspense, use } from 'react'

const Whole = createContext(false)

interface SendWholeProps {
  readonly when: boolean
  readonly children: ReactNode
}

/** Makes `Streamed` within it wait, so that the page is sent when everything is known. */
export function SendWhole({ when, children }: SendWholeProps) {
  return <Whole value={when}>{children}</Whole>
}

/** Whether the page is sent when everything is known, and therefore needs no JavaScript. */
export function useIsWhole(): boolean {
  return use(Whole)
}

interface StreamedProps {
  /** Part of the page's static shell. As large as the content, so that nothing moves when it arrives. */
  readonly placeholder: ReactNode
  readonly children: ReactNode
}

/** Content that reads the request. It follows the static shell in the same response; showing it takes an inline script. */
export function Streamed({ placeholder, children }: StreamedProps) {
  return useIsWhole() ? children : <Suspense fallback={placeholder}>{children}</Suspense>
}
