import type { ReactNode } from 'react'
import { SendWhole } from '../_frame/streamed.tsx'

/**
 * Pages without a static shell, for people who have turned JavaScript off: what is streamed stays hidden there.
 * next.config.ts says which addresses lead here.
 */
export default function WholeLayout({ children }: { readonly children: ReactNode }) {
  return <SendWhole when={true}>{children}</SendWhole>
}
