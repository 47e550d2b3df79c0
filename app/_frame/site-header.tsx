import Link from 'next/link'
import { AccountMenu } from 'next-atproto-auth/react'
import { appView } from '../../app-view.ts'
import { readMenuAccounts } from '../_data/accounts.ts'
import { readSession } from '../_data/session.ts'
import { NavLink } from './nav-link.tsx'

/** The link to the home page, the navigation of a signed-in person, and the account menu. */
export async function SiteHeader() {
  const session = await readSession()
  // The page itself explains the outage.
  const accounts = session === 'outage' ? [] : await readMenuAccounts(session)
  const isSignedIn = session !== 'outage' && session !== null
  return (
    <header className="site-header">
      <Link className={isSignedIn ? 'brand short' : 'brand'} href="/">
        {/* biome-ignore lint/performance/noImgElement: a small SVG needs no optimiser */}
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
          {/* A plain link, because loading a page closes the menu. */}
          <a data-atproto="devices" href="/devices">
            Devices
          </a>
        </AccountMenu>
      )}
    </header>
  )
}
