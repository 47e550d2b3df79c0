import { getIronSession } from 'iron-session'
import { cookies } from 'next/headers'

export interface Visitor {
  readonly did?: string
}

/** What is in the cookie: no store is asked, so a session cannot be ended from elsewhere. */
export async function getVisitor(): Promise<Visitor> {
  const password = process.env.IRON_PASSWORD ?? ''
  return getIronSession<Visitor>(await cookies(), { cookieName: 'visitor', password })
}
