import { headers } from 'next/headers'
import { type ReactNode, Suspense } from 'react'

interface WhileLoadingProps {
  /** As large as the content, so that nothing moves when it arrives. */
  readonly placeholder: ReactNode
  readonly children: ReactNode
}

/**
 * Shows a placeholder until the content arrives, but only when Next's router asks for the page. When the browser loads
 * a page, the content is sent without a placeholder, because replacing one needs a script.
 */
export async function WhileLoading({ placeholder, children }: WhileLoadingProps) {
  const requestHeaders = await headers()
  const isByRouter = requestHeaders.get('sec-fetch-dest') === 'empty' && !requestHeaders.has('next-action')
  return isByRouter ? <Suspense fallback={placeholder}>{children}</Suspense> : children
}
