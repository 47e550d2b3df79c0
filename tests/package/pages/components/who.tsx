'use client'

import { useSession } from 'next-atproto-auth/react'

export function Who() {
  const session = useSession()
  return <p>The browser knows of {'did' in session ? session.did : 'nobody'}</p>
}
