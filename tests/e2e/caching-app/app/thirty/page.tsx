import type { Metadata } from 'next'
import { type ReactNode, Suspense } from 'react'
import { auth } from '../../auth.ts'

/** One more that asks. */
export async function generateMetadata(): Promise<Metadata> {
  return { title: (await auth.getSession())?.did ?? 'nobody' }
}

async function Asks({ children }: { readonly children?: ReactNode }) {
  const session = await auth.requireSession()
  return (
    <>
      <li>{session.did}</li>
      {children}
    </>
  )
}

/** Thirty components that ask for the session: beside each other, below each other, and streamed. */
export default function Thirty() {
  const ten = Array.from({ length: 10 }, (_, at) => at)
  return (
    <ul>
      {ten.map((at) => (
        <Asks key={at}>
          <Suspense fallback={<li>Soon</li>}>
            <Asks>
              <Asks />
            </Asks>
          </Suspense>
        </Asks>
      ))}
    </ul>
  )
}
