/** The account menu: shows the active account, and lets the user switch, add and sign out accounts of this browser. */
import { type ReactNode, use, useMemo } from 'react'
import { DEFAULT_BASE_PATH, PostForm } from '../parts/post-form.tsx'
import { SubmitButton } from '../parts/submit-button.tsx'
import { isPassingFailure } from '../session/passing-failure.ts'
import { AccountDisclosure } from './account-disclosure.tsx'
import { type AccountActions, AccountEntry, type AccountWords } from './account-entry.tsx'
import { type MenuAccount, toMenuAccount } from './account-name.ts'
import { MenuButton } from './menu-button.tsx'

/** The texts of the menu; the defaults are English. `{name}` stands for the account's name. */
export interface AccountMenuWords extends AccountWords {
  /** Name of the button that opens the menu, for screen readers. Default "Accounts, {name} is active". */
  readonly open: string
  /** The link when no account is signed in. Default "Sign in". */
  readonly signIn: string
  /** Default "Add another account". */
  readonly add: string
  /** Default "Sign out of all accounts". */
  readonly signOutOfAll: string
  /** Instead of the menu while the accounts cannot be read. Default "Your accounts cannot be shown right now". */
  readonly unknown: string
}

const english: AccountMenuWords = {
  open: 'Accounts, {name} is active',
  signIn: 'Sign in',
  add: 'Add another account',
  signOutOfAll: 'Sign out of all accounts',
  unknown: 'Your accounts cannot be shown right now',
  switchTo: 'Switch to {name}',
  signInAgain: 'Sign in again',
  signOut: 'Sign out',
  signOutOf: 'Sign out of {name}',
}

/** The accounts of the menu; null while they cannot be read. */
export type MenuAccounts = readonly MenuAccount[] | null

/** Props of `<AccountMenu>`. */
export interface AccountMenuProps {
  /**
   * The result of `auth.listAccounts()`. You can add profile data to each account. If you pass the promise and it is
   * rejected because the session store is down, the menu says that accounts cannot be shown now, as it does for null.
   */
  readonly accounts: MenuAccounts | Promise<MenuAccounts>
  /** Path of the library's route handlers, including the `basePath` of Next.js if you use one. Default `/oauth`. */
  readonly basePath?: string
  /** Path of the sign-in page. Default: that of the route handlers, `/oauth/login`. */
  readonly signInPage?: string
  /**
   * Where the user goes after switching or signing in: a path of this site. Default: the option of `createAtprotoAuth`.
   */
  readonly returnTo?: string
  /** Server actions of the application, used instead of the library's routes. */
  readonly actions?: Partial<AccountActions>
  readonly words?: Partial<AccountMenuWords>
  /** Shown in the menu above its links, for links of the application such as "Devices". */
  readonly children?: ReactNode
  /**
   * The edge that the menu shares with its button: `start` for a button at the start of a line, which is the left in
   * English. Default `end`. With scripts, the menu also moves so that nothing of it is outside the window.
   */
  readonly align?: 'start' | 'end'
  /** Class of the outermost element. */
  readonly className?: string
}

/**
 * A button with the active account's name and picture that opens the account menu, or a link to the sign-in page when
 * there is no account. It is a server component and works without scripts; with scripts, the menu also closes on Escape
 * and on a press outside.
 */
export function AccountMenu({ accounts, ...props }: AccountMenuProps) {
  const safe = useMemo(
    // Wrapped in a real promise, as in the session provider.
    () => (accounts !== null && 'then' in accounts ? Promise.resolve(accounts).catch(toNull) : accounts),
    [accounts],
  )
  return <SettledMenu {...props} accounts={safe} />
}

function toNull(failure: unknown): null {
  if (isPassingFailure(failure)) return null
  throw failure
}

function SettledMenu(props: AccountMenuProps) {
  const { basePath = DEFAULT_BASE_PATH, returnTo, className, children } = props
  const given = props.accounts !== null && 'then' in props.accounts ? use(props.accounts) : props.accounts
  const words = { ...english, ...props.words }
  if (given === null) {
    return (
      <span data-atproto="account-menu-unknown" className={className}>
        {words.unknown}
      </span>
    )
  }
  const accounts = given.map(toMenuAccount)
  const actions = actionsOf(basePath, props.actions)
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
    <AccountDisclosure data-atproto="account-menu" data-align={props.align} className={className}>
      <MenuButton account={active} label={words.open} />
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

function actionsOf(basePath: string, actions: Partial<AccountActions> | undefined): AccountActions {
  return {
    switchAccount: `${basePath}/switch`,
    signIn: `${basePath}/login`,
    signOut: `${basePath}/logout`,
    ...actions,
  }
}

function withReturnTo(page: string, returnTo: string | undefined): string {
  return returnTo === undefined ? page : `${page}?${new URLSearchParams({ returnTo })}`
}
