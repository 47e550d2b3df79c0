/** One account in the menu: its name and picture, and its buttons. */
'use client'

import { type FormTarget, PostForm } from '../parts/post-form.tsx'
import { ProfilePicture } from '../parts/profile-picture.tsx'
import { SubmitButton } from '../parts/submit-button.tsx'
import { useProfileOf } from '../session/session-context.tsx'
import { displayNameOf, handleOf, insertName, type MenuAccount, nameOf } from './account-name.ts'

/** Where the forms of the menu are submitted. */
export interface AccountActions {
  /** Receives `did` and `returnTo`. Default: the switch route. */
  readonly switchAccount: FormTarget
  /** Receives `identifier` (a DID) and `returnTo`. Default: the login route. */
  readonly signIn: FormTarget
  /** Receives `did`, or `all` for all accounts of this browser. Default: the logout route. */
  readonly signOut: FormTarget
}

/** The texts of one account; `{name}` stands for its name. */
export interface AccountWords {
  /** For screen readers. Default "Switch to {name}". */
  readonly switchTo: string
  /** Next to an account that has to sign in again. Default "Sign in again". */
  readonly signInAgain: string
  /** Default "Sign out". */
  readonly signOut: string
  /** Name of that button for screen readers. Default "Sign out of {name}". */
  readonly signOutOf: string
}

interface AccountEntryProps {
  readonly account: MenuAccount
  readonly isCurrent: boolean
  readonly actions: AccountActions
  readonly returnTo: string | undefined
  readonly words: AccountWords
}

export function AccountEntry({ account: given, isCurrent, actions, returnTo, words }: AccountEntryProps) {
  const account = useProfileOf(given)
  return (
    <li data-atproto="account" data-status={account.status}>
      <AccountButton
        account={account}
        isCurrent={isCurrent}
        actions={actions}
        returnTo={returnTo}
        words={words}
      />
      <PostForm data-atproto="sign-out-form" action={actions.signOut} fields={{ did: account.did }}>
        <SubmitButton data-atproto="sign-out" aria-label={insertName(words.signOutOf, nameOf(account))}>
          {words.signOut}
        </SubmitButton>
      </PostForm>
    </li>
  )
}

/** A button that makes the account the active one, or signs it in again; for the current account, only its name. */
function AccountButton({ account, isCurrent, actions, returnTo, words }: AccountEntryProps) {
  const displayName = displayNameOf(account)
  // The label contains the visible text, so that users of voice control can say what they see.
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
      <SubmitButton data-atproto="account-button" aria-label={insertName(words.switchTo, shown)}>
        <Identity account={account} />
      </SubmitButton>
    </PostForm>
  )
}

function Identity({ account, note }: { readonly account: MenuAccount; readonly note?: string }) {
  const displayName = displayNameOf(account)
  return (
    <>
      <ProfilePicture name={nameOf(account)} avatar={account.avatar} />
      <span data-atproto="names">
        {displayName === undefined ? null : <bdi data-atproto="display-name">{displayName}</bdi>}{' '}
        <bdi data-atproto="handle">{handleOf(account)}</bdi>{' '}
        {note === undefined ? null : <span data-atproto="account-note">{note}</span>}
      </span>
    </>
  )
}
