/** Public entry `next-atproto-auth/react`: components, and the hooks `useSession` and `useSessionState`. */
export type { SignInErrorCode } from '../web/sign-in-error.ts'
export type { AccountActions } from './account-menu/account-entry.tsx'
export {
  AccountMenu,
  type AccountMenuProps,
  type AccountMenuWords,
  type MenuAccounts,
} from './account-menu/account-menu.tsx'
export type { MenuAccount } from './account-menu/account-name.ts'
export { SignOutButton, type SignOutButtonProps } from './account-menu/sign-out-button.tsx'
export { initials } from './parts/initials.ts'
export type { FormTarget } from './parts/post-form.tsx'
export type { AccountProfile, BrowserSession } from './session/browser-session.ts'
export { type SessionState, useSession, useSessionState } from './session/session-context.tsx'
export { SessionProvider, type SessionProviderProps } from './session/session-provider.tsx'
export { SignedIn, type SignedInProps, SignedOut } from './session/signed-in.tsx'
export type { SignInQuery } from './sign-in/from-query.tsx'
export type { QueryValue } from './sign-in/search-param.ts'
export {
  SignInForm,
  type SignInFormClassNames,
  type SignInFormProps,
  type SignInFormSlots,
  type SignInFormState,
} from './sign-in/sign-in-form.tsx'
export type { SignUpHost } from './sign-in/sign-up-buttons.tsx'
export type { SuggestionOptions } from './suggestions/suggestion-options.ts'
