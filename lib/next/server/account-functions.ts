/** `auth`'s functions for the accounts of a browser and the devices of an account. */
import 'server-only'
import { TokenRevokedError } from '../../errors.ts'
import { type AccountForm, readAccountForm } from '../accounts/account-form.ts'
import {
  type BrowserAccount,
  listAccounts,
  type SignOutTarget,
  signOutOf,
  switchTo,
} from '../accounts/cookie-accounts.ts'
import type { Config } from '../config/load-config.ts'
import { readReturnTo } from '../config/return-path.ts'
import { setSessionCookie } from './current-request.ts'
import { type Device, listDevices, revokeDevice } from './devices.ts'
import { redirectTo } from './redirect.ts'
import { type RequestContext, readRequestContext, readRequestContextForChange } from './request-context.ts'

/** Options of `switchAccount`. */
export interface SwitchOptions {
  /** DID of the account. */
  readonly did: string
  /** Path of the application to go to afterwards; without it, the action's own page is shown again. */
  readonly returnTo?: string | undefined
}

/** Options of `signOut`. */
export interface SignOutOptions extends SignOutTarget {
  /** As in `SwitchOptions`. */
  readonly returnTo?: string | undefined
}

/** Options of `signOutEverywhere`. */
export interface SignOutEverywhereOptions {
  /** Whether to end the connections of the account (`AtprotoAuth.connect`), too; default false. */
  readonly connections?: boolean | undefined
}

/** What an application can do with the accounts and devices of its visitors. */
export interface AccountFunctions {
  /**
   * The accounts that are signed in in this browser, the active one first; empty when there are none. Does not look up
   * handles.
   *
   * @throws ConfigurationError; StoreUnavailableError
   * @example
   * ```tsx
   * const accounts = await auth.listAccounts()
   * return accounts.map(({ did, isActive }) => <li key={did}>{isActive ? <strong>{did}</strong> : did}</li>)
   * ```
   */
  listAccounts(): Promise<readonly BrowserAccount[]>
  /**
   * Makes another account of this browser the active one, also for `getSession` in the rest of this request. Like all
   * functions that change something, it works in server actions and route handlers only, and refuses a request that a
   * page of another site caused. (Next protects server actions in the same way.)
   *
   * @param input DID, options, or a form with fields of these names
   * @throws TokenRevokedError when this browser has no session of that account; AtprotoAuthError `request_refused`;
   *   TypeError where no cookie can be set; ConfigurationError; StoreUnavailableError; Next's own signal when it
   *   redirects
   * @example
   * ```tsx
   * async function switchTo(form: FormData) {
   *   'use server'
   *   await auth.switchAccount(form)
   * }
   * ```
   */
  switchAccount(input: string | SwitchOptions | FormData): Promise<void>
  /**
   * Signs an account out of this browser and revokes its tokens; the account that was active before becomes the active
   * one. Does nothing when no account is signed in.
   *
   * @param input options, or a form with fields of these names
   * @throws as `switchAccount`, except TokenRevokedError. After a StoreUnavailableError the sessions that could not be
   *   ended are still signed in, unless the store carries out later what it did not confirm in time
   * @example
   * ```tsx
   * async function signOut() {
   *   'use server'
   *   await auth.signOut({ returnTo: '/' })
   * }
   * ```
   */
  signOut(input?: SignOutOptions | FormData): Promise<void>
  /**
   * The devices where the active account is signed in, the most recently used first; empty when no account is signed in
   * or its session is not usable. Connections are no devices.
   *
   * @throws ConfigurationError; StoreUnavailableError
   * @example
   * ```ts
   * const others = (await auth.listDevices()).filter(({ isCurrent }) => !isCurrent)
   * const labels = others.map(({ label, lastUsedAt }) => `${label ?? 'A device'}, ${lastUsedAt.toDateString()}`)
   * ```
   */
  listDevices(): Promise<readonly Device[]>
  /**
   * Signs the active account out on one of its devices. That device notices at its next request; other devices stay
   * signed in.
   *
   * @param deviceId from `listDevices`
   * @returns whether the account has that device; false, for instance, when another tab has switched accounts in the meantime
   * @throws as `signOut`; AtprotoAuthError `session_ended` when no account is signed in
   * @example
   * ```tsx
   * async function revoke(form: FormData) {
   *   'use server'
   *   await auth.revokeDevice(String(form.get('deviceId')))
   * }
   * ```
   */
  revokeDevice(deviceId: string): Promise<boolean>
  /**
   * Signs the active account out in all browsers. Its connections stay, unless `connections` is true. An account that
   * has to sign in again (`reauth_required`) is signed out in this browser only, and its connections stay.
   *
   * @throws as `signOut`
   * @example
   * ```tsx
   * async function leave() {
   *   'use server'
   *   await auth.signOutEverywhere()
   * }
   * ```
   */
  signOutEverywhere(options?: SignOutEverywhereOptions): Promise<void>
}

export function createAccountFunctions(loadConfig: () => Promise<Config>): AccountFunctions {
  return {
    async listAccounts() {
      const { cookie, config } = await readRequestContext(loadConfig)
      return cookie ? listAccounts(cookie, config) : []
    },
    async switchAccount(input) {
      const { did = '', returnTo } = readSwitchInput(input)
      const { request, cookie, config } = await readRequestContextForChange(loadConfig)
      const switched = cookie && (await switchTo(cookie, did, config))
      if (!switched) throw new TokenRevokedError(did, 'This browser has no session of that account.')
      await setSessionCookie(request, switched, config)
      if (returnTo) redirectTo(readReturnTo(returnTo, config.paths.afterSignIn, config), config)
    },
    async signOut(input = {}) {
      const { returnTo, ...target } = input instanceof FormData ? readAccountForm(input) : input
      const context = await readRequestContextForChange(loadConfig)
      await signOut(context, target)
      const { config } = context
      if (returnTo) redirectTo(readReturnTo(returnTo, config.paths.afterSignOut, config), config)
    },
    async signOutEverywhere({ connections } = {}) {
      await signOut(await readRequestContextForChange(loadConfig), { everywhere: true, connections })
    },
    async listDevices() {
      return listDevices(await readRequestContext(loadConfig))
    },
    async revokeDevice(deviceId) {
      return revokeDevice(deviceId, await readRequestContextForChange(loadConfig))
    },
  }
}

function readSwitchInput(
  input: string | SwitchOptions | FormData,
): Pick<Partial<AccountForm>, 'did' | 'returnTo'> {
  if (typeof input === 'string') return { did: input }
  return input instanceof FormData ? readAccountForm(input) : input
}

async function signOut({ request, cookie, config }: RequestContext, target: SignOutTarget): Promise<void> {
  const remaining = cookie && (await signOutOf(cookie, target, config))
  await setSessionCookie(request, remaining, config)
}
