import type { Metadata } from 'next'
import { draftMode } from 'next/headers'
import { after } from 'next/server'
import { Suspense } from 'react'
import { auth } from '../../auth'

export async function generateMetadata(): Promise<Metadata> {
  const session = await auth.getSession()
  return { title: `Title of ${session?.did ?? 'nobody'}` }
}

export default function Corners() {
  return (
    <Suspense fallback={<p>Loading</p>}>
      <Content />
    </Suspense>
  )
}

async function Content() {
  const session = await auth.getSession()
  const { isEnabled } = await draftMode()
  // A page hands on what it read: Next lets no page read cookies in after().
  after(() => console.log(`After the page: ${session?.did ?? 'nobody'}`))
  return (
    <form action={act}>
      <p>Page of {session?.did ?? 'nobody'}</p>
      <p>Draft mode is {isEnabled ? 'on' : 'off'}</p>
      <button type="submit">Act</button>
    </form>
  )
}

async function act() {
  'use server'
  after(async () => {
    const session = await auth.getSession()
    console.log(`After the action: ${session?.did ?? 'nobody'}`)
  })
}
