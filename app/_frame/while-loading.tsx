import { headers } from 'next/headers'
import { type ReactNode, Suspense } from 'react'

interface WhileLoadingProps {
  /** Takes the room that the content will take. */
  readonly placeholder: ReactNode
  readonly children: ReactNode
}

/**
 * Shows a placeholder until the content is there, when scripts ask for the page. A page that is opened or loaded anew
 * is sent whole: what is streamed after a placeholder needs a script to be put in its place.
 */
export async function WhileLoading({ placeholder, children }: WhileLoadingProps) {
  const given = await headers()
  const isByRouter = given.get('sec-fetch-dest') === 'empty' && !given.has('next-action')
  return isByRouter ? <Suspense fallback={placeholder}>{children}</Suspense> : children
}
