import { connection } from 'next/server'
import { AccountMenu } from 'next-atproto-auth/react'
import { appView } from '../../app-view.ts'
import { readMenuAccounts } from '../_data/accounts.ts'
import { readSession } from '../_data/session.ts'
import { HeaderFrame } from './header-frame.tsx'
import { NavLink } from './nav-link.tsx'
import { Streamed } from './streamed.tsx'

/** The link to the home page, the navigation of a signed-in person, and the account menu. */
export function SiteHeader() {
  return <HeaderFrame links={<Links />} linksIfSignedIn={<LinksIfSignedIn />} account={<Account />} />
}

function Links() {
  return (
    <nav aria-label="Pages">
      <NavLink href="/" page="home">
        Home
      </NavLink>
      <NavLink href="/compose" page="compose">
        Write
      </NavLink>
      {/* The last one, so that the others do not move. */}
      <Streamed placeholder={null}>
        <TimelineLink />
      </Streamed>
    </nav>
  )
}

async function TimelineLink() {
  // The environment of the build may be another one than that of the server.
  await connection()
  if (appView() === undefined) return null
  return (
    <NavLink href="/timeline" page="timeline">
      Timeline
    </NavLink>
  )
}

async function LinksIfSignedIn() {
  const session = await readSession()
  return session === 'outage' || session === null ? null : <Links />
}

async function Account() {
  const session = await readSession()
  // On the other pages, the page itself explains the outage.
  if (session === 'outage') return <AccountMenu accounts={null} />
  return (
    <AccountMenu accounts={await readMenuAccounts(session)} signInPage="/sign-in">
      {/* A plain link, because loading a page closes the menu. */}
      <a data-atproto="devices" href="/devices">
        Devices
      </a>
    </AccountMenu>
  )
}
