/** The accounts of this browser: which one is active, the others to switch to, another sign-in, and the ways out. */
import type { ReactNode } from 'react'
import { DEFAULT_BASE_PATH, PostForm } from '../parts/post-form.tsx'
import { ProfilePicture } from '../parts/profile-picture.tsx'
import { SubmitButton } from '../parts/submit-button.tsx'
import { AccountDisclosure } from './account-disclosure.tsx'
import {
  type AccountActions,
  AccountEntry,
  type AccountWords,
  fillIn,
  type MenuAccount,
  nameOf,
} from './account-entry.tsx'

/** The words of the menu, in English unless they are given; `{name}` is the account's name. */
export interface AccountMenuWords extends AccountWords {
  /** Name of the button that opens the menu, for screen readers. Default "Accounts, {name} is active". */
  readonly open: string
  /** Where nobody is signed in. Default "Sign in". */
  readonly signIn: string
  /** Default "Add another account". */
  readonly add: string
  /** Default "Sign out of all accounts". */
  readonly signOutOfAll: string
}

const english: AccountMenuWords = {
  open: 'Accounts, {name} is active',
  signIn: 'Sign in',
  add: 'Add another account',
  signOutOfAll: 'Sign out of all accounts',
  switchTo: 'Switch to {name}',
  signInAgain: 'Sign in again',
  signOut: 'Sign out',
  signOutOf: 'Sign out of {name}',
}

export interface AccountMenuProps {
  /** What `auth.listAccounts()` gives, with profiles added as far as they are known. */
  readonly accounts: readonly MenuAccount[]
  /** Path of the library's route handlers, with Next's own `basePath` if there is one. Default `/oauth`. */
  readonly basePath?: string
  /** The page with the sign-in form. Default: the handlers' own, `/oauth/login`. */
  readonly signInPage?: string
  /** Where the person goes after a switch or sign-in: a path of this site. Default: what `createAtprotoAuth` says. */
  readonly returnTo?: string
  /** Actions of the application instead of the library's routes. */
  readonly actions?: Partial<AccountActions>
  readonly words?: Partial<AccountMenuWords>
  /** In the menu, above its links: for the application's own, such as "Devices". */
  readonly children?: ReactNode
  /** Of the outermost element. */
  readonly className?: string
}

/**
 * A menu behind the active account's name and picture; a link to the sign-in page when there is no account. A server
 * component that works without scripts; with them it also closes on Escape and on a press outside.
 */
export function AccountMenu(props: AccountMenuProps) {
  const { accounts, basePath = DEFAULT_BASE_PATH, returnTo, className, children } = props
  const words = { ...english, ...props.words }
  const actions: AccountActions = {
    switchAccount: `${basePath}/switch`,
    signIn: `${basePath}/login`,
    signOut: `${basePath}/logout`,
    ...props.actions,
  }
  const signInPage = withReturnTo(props.signInPage ?? `${basePath}/login`, returnTo)
  const active = accounts.find(({ isActive }) => isActive) ?? accounts[0]
  if (active === undefined) {
    return (
      <a data-atproto="sign-in-link" className={className} href={signInPage}>
        {words.signIn}
      </a>
    )
  }
  return (
    <AccountDisclosure data-atproto="account-menu" className={className}>
      <summary data-atproto="account-menu-button" aria-label={fillIn(words.open, nameOf(active))}>
        <ProfilePicture name={nameOf(active)} avatar={active.avatar} />
        <bdi data-atproto="display-name">{nameOf(active)}</bdi>
      </summary>
      <div data-atproto="account-menu-panel">
        <ul data-atproto="accounts">
          {accounts.map((account) => (
            <AccountEntry
              key={account.did}
              account={account}
              isCurrent={account === active}
              actions={actions}
              returnTo={returnTo}
              words={words}
            />
          ))}
        </ul>
        {children}
        <a data-atproto="add-account" href={signInPage}>
          {words.add}
        </a>
        {accounts.length < 2 ? null : (
          <PostForm data-atproto="sign-out-form" action={actions.signOut} fields={{ all: '1' }}>
            <SubmitButton data-atproto="sign-out-of-all">{words.signOutOfAll}</SubmitButton>
          </PostForm>
        )}
      </div>
    </AccountDisclosure>
  )
}

function withReturnTo(page: string, returnTo: string | undefined): string {
  return returnTo === undefined ? page : `${page}?${new URLSearchParams({ returnTo })}`
}
