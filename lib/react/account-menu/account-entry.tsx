/** One account in the menu: who it is, and what can be done with it. */

import { type FormTarget, PostForm } from '../parts/post-form.tsx'
import { ProfilePicture } from '../parts/profile-picture.tsx'
import { SubmitButton } from '../parts/submit-button.tsx'
import type { AccountProfile } from '../session/browser-session.ts'

/** One of `auth.listAccounts()`, with a profile if the application knows one. */
export interface MenuAccount extends AccountProfile {
  readonly did: string
  readonly isActive: boolean
  readonly status: 'active' | 'reauth_required'
}

/** Where the forms of the menu are sent. */
export interface AccountActions {
  /** Gets `did` and `returnTo`. Default: the switch route. */
  readonly switchAccount: FormTarget
  /** Gets `identifier` (a DID) and `returnTo`. Default: the login route. */
  readonly signIn: FormTarget
  /** Gets `did`, or `all` for every account of this browser. Default: the logout route. */
  readonly signOut: FormTarget
}

/** The words of one account; `{name}` is its name. */
export interface AccountWords {
  /** For screen readers. Default "Switch to {name}". */
  readonly switchTo: string
  /** Beside an account whose server wants a new sign-in. Default "Sign in again". */
  readonly signInAgain: string
  /** Default "Sign out". */
  readonly signOut: string
  /** The same for screen readers. Default "Sign out of {name}". */
  readonly signOutOf: string
}

interface AccountEntryProps {
  readonly account: MenuAccount
  readonly isCurrent: boolean
  readonly actions: AccountActions
  readonly returnTo: string | undefined
  readonly words: AccountWords
}

/** What an account is called: its name, else its handle, else its DID. */
export function nameOf(account: MenuAccount): string {
  return account.displayName ?? handleOf(account)
}

function handleOf({ handle, did }: MenuAccount): string {
  return handle === undefined ? did : `@${handle}`
}

/** The words with the name in its place. */
export function fillIn(words: string, name: string): string {
  // By a function: in a text, a name such as `$&` would be a pattern.
  return words.replace('{name}', () => name)
}

export function AccountEntry({ account, isCurrent, actions, returnTo, words }: AccountEntryProps) {
  return (
    <li data-atproto="account" data-status={account.status}>
      <Choice account={account} isCurrent={isCurrent} actions={actions} returnTo={returnTo} words={words} />
      <PostForm data-atproto="sign-out-form" action={actions.signOut} fields={{ did: account.did }}>
        <SubmitButton data-atproto="sign-out" aria-label={fillIn(words.signOutOf, nameOf(account))}>
          {words.signOut}
        </SubmitButton>
      </PostForm>
    </li>
  )
}

/** The account itself: a button that makes it the active one, unless it is. */
function Choice({ account, isCurrent, actions, returnTo, words }: AccountEntryProps) {
  const { displayName } = account
  // All that the button shows, so that who speaks to the computer can say what they see.
  const shown = displayName === undefined ? handleOf(account) : `${displayName} ${handleOf(account)}`
  if (account.status === 'reauth_required') {
    return (
      <PostForm
        data-atproto="sign-in-again-form"
        action={actions.signIn}
        fields={{ identifier: account.did, returnTo }}
      >
        <SubmitButton data-atproto="account-button">
          <Identity account={account} note={words.signInAgain} />
        </SubmitButton>
      </PostForm>
    )
  }
  if (isCurrent) {
    return (
      <div data-atproto="current-account" aria-current="true">
        <Identity account={account} />
      </div>
    )
  }
  return (
    <PostForm
      data-atproto="switch-form"
      action={actions.switchAccount}
      fields={{ did: account.did, returnTo }}
    >
      <SubmitButton data-atproto="account-button" aria-label={fillIn(words.switchTo, shown)}>
        <Identity account={account} />
      </SubmitButton>
    </PostForm>
  )
}

function Identity({ account, note }: { readonly account: MenuAccount; readonly note?: string }) {
  const { displayName, avatar } = account
  return (
    <>
      <ProfilePicture name={nameOf(account)} avatar={avatar} />
      <span data-atproto="names">
        {displayName === undefined ? null : <bdi data-atproto="display-name">{displayName}</bdi>}{' '}
        <bdi data-atproto="handle">{handleOf(account)}</bdi>{' '}
        {note === undefined ? null : <span data-atproto="account-note">{note}</span>}
      </span>
    </>
  )
}
