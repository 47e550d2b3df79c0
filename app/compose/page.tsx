import type { Metadata } from 'next'
import { ComposeCard } from './compose-card.tsx'

export const metadata: Metadata = { title: 'Write a post' }

/** The page to write a post. Visitors are sent to the sign-in page and come back here. */
export default function ComposePage() {
  return <ComposeCard />
}
