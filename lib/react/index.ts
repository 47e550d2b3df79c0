/** Public entry `next-atproto-auth/react`: what people see. Server components, but for `useSession`. */
export type { SignInErrorCode } from '../next/sign-in-error.ts'
export type { AccountActions, MenuAccount } from './account-entry.tsx'
export { AccountMenu, type AccountMenuProps, type AccountMenuWords } from './account-menu.tsx'
export type { AccountProfile, BrowserSession } from './browser-session.ts'
export { initials } from './initials.ts'
export type { FormTarget } from './post-form.tsx'
export type { QueryValue } from './query-value.ts'
export { useSession } from './session-context.tsx'
export { SessionProvider, type SessionProviderProps } from './session-provider.tsx'
export {
  SignInForm,
  type SignInFormClassNames,
  type SignInFormProps,
  type SignInFormSlots,
  type SignInFormState,
} from './sign-in-form.tsx'
export { SignOutButton, type SignOutButtonProps } from './sign-out-button.tsx'
export type { SignUpHost } from './sign-up-buttons.tsx'
export type { SuggestionOptions } from './suggestions.ts'
