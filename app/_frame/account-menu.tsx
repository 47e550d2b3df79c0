import Link from 'next/link'
import type { MenuAccount } from '../_data/accounts.ts'
import { Avatar } from './avatar.tsx'
import { Menu } from './menu.tsx'

/** Who is signed in, and the way to the other accounts of this browser; all of it by plain links and forms. */
export function AccountMenu({ accounts }: { readonly accounts: readonly MenuAccount[] }) {
  const [active] = accounts
  if (!active) return null
  return (
    <Menu
      className="account-menu"
      label={
        <>
          <span className="visually-hidden">Account menu: </span>
          <span className="account-label" dir="auto">
            {active.name}
          </span>
          <Avatar src={active.avatar} name={active.name} size={36} />
        </>
      }
    >
      <div className="menu-panel card">
        <h2 className="visually-hidden">Accounts</h2>
        <ul className="accounts">
          {accounts.map((account) => (
            <li className="account" key={account.did}>
              <Choice account={account} />
              <SignOutOf account={account} />
            </li>
          ))}
        </ul>
        <Link className="menu-link" href="/sign-in">
          Add another account
        </Link>
        <Link className="menu-link" href="/devices">
          Devices
        </Link>
      </div>
    </Menu>
  )
}

function Choice({ account }: { readonly account: MenuAccount }) {
  const face = <Face account={account} />
  if (account.status === 'reauth_required') {
    return (
      <Link className="account-choice" href={{ pathname: '/sign-in', query: { identifier: account.did } }}>
        {face}
      </Link>
    )
  }
  if (account.isActive) {
    return (
      <div className="account-choice" aria-current="true">
        {face}
      </div>
    )
  }
  return (
    <form className="account-form" method="post" action="/oauth/switch">
      <input type="hidden" name="did" value={account.did} />
      <button className="account-choice" type="submit">
        <span className="visually-hidden">Switch to </span>
        {face}
      </button>
    </form>
  )
}

function Face({ account: { name, handle, avatar, status, isActive } }: { readonly account: MenuAccount }) {
  const note = status === 'reauth_required' ? 'Sign in again' : isActive ? 'In use' : undefined
  return (
    <>
      <Avatar src={avatar} name={name} size={40} />
      <span className="account-names">
        <span className="account-name" dir="auto">
          {name}
        </span>
        {handle === undefined ? null : <span className="handle">{handle}</span>}
        {note === undefined ? null : <span className="account-note">{note}</span>}
      </span>
    </>
  )
}

function SignOutOf({ account: { did, name } }: { readonly account: MenuAccount }) {
  return (
    <form method="post" action="/oauth/logout">
      <input type="hidden" name="did" value={did} />
      <button className="button plain" type="submit">
        Sign out<span className="visually-hidden"> of {name}</span>
      </button>
    </form>
  )
}
