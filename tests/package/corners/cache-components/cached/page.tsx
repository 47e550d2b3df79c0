import { connection } from 'next/server'
import { Suspense } from 'react'
import { auth } from '../../../auth'

export default function Cached() {
  return (
    <Suspense fallback={<p>Loading</p>}>
      <Comparison />
    </Suspense>
  )
}

async function Comparison() {
  await connection()
  const session = await auth.getSession()
  const cached = await readCached().catch(() => 'refused')
  return (
    <p>
      Outside {session?.did ?? 'nobody'}, cached {cached}
    </p>
  )
}

async function readCached() {
  'use cache'
  const session = await auth.getSession()
  return session?.did ?? 'nobody'
}
