import Link from 'next/link'
import { AccountMenu } from 'next-atproto-auth/react'
import { appView } from '../../app-view.ts'
import { readMenuAccounts } from '../_data/accounts.ts'
import { readSession } from '../_data/session.ts'
import { NavLink } from './nav-link.tsx'

/** The way home, the places of who is signed in, and the account menu. */
export async function SiteHeader() {
  const session = await readSession()
  // The page below says what is wrong.
  const accounts = session === 'outage' ? [] : await readMenuAccounts(session)
  const isSignedIn = session !== 'outage' && session !== null
  return (
    <header className="site-header">
      <Link className={isSignedIn ? 'brand short' : 'brand'} href="/">
        {/* biome-ignore lint/performance/noImgElement: an SVG of one kilobyte needs no optimiser */}
        <img src="/logo.svg" alt="" width={32} height={32} />
        <span>Next ATProto</span>
      </Link>
      {isSignedIn ? (
        <nav aria-label="Pages">
          <NavLink href="/">Home</NavLink>
          {appView() === undefined ? null : <NavLink href="/timeline">Timeline</NavLink>}
          <NavLink href="/compose">Write</NavLink>
        </nav>
      ) : null}
      {session === 'outage' ? null : (
        <AccountMenu accounts={accounts} signInPage="/sign-in">
          {/* A plain link: a new page has its menu closed. */}
          <a data-atproto="devices" href="/devices">
            Devices
          </a>
        </AccountMenu>
      )}
    </header>
  )
}
