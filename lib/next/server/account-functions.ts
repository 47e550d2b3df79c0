/** Accounts and devices of the request at hand, for server components, server actions and route handlers. */
import 'server-only'
import { AtprotoAuthError, TokenRevokedError } from '../../errors.ts'
import type { Did } from '../../identity/syntax.ts'
import type { SessionSummary } from '../../oauth/records/session-summary.ts'
import { refuseForeignRequest } from '../../web/request-checks.ts'
import { safeReturnTo } from '../../web/return-to.ts'
import type { SessionCookie } from '../../web/session-cookie.ts'
import { openCookieText } from '../accounts/find-session.ts'
import { type AccountForm, readAccountForm } from '../accounts/account-form.ts'
import {
  type BrowserAccount,
  listAccounts,
  readActiveAccount,
  type SignOutTarget,
  signOutOf,
  switchTo,
} from '../accounts/cookie-accounts.ts'
import type { Runtime } from '../config/load-config.ts'
import { tellSignOut } from '../events/hooks.ts'
import {
  type NextRequest,
  probeRequestCookie,
  readRequest,
  readRequestCookie,
  writeRequestCookie,
} from './current-request.ts'
import { redirectTo } from './redirect.ts'

/** One browser or device that the active account is signed in on. */
export interface Device extends SessionSummary {
  /** Whether it is this very browser. */
  readonly isCurrent: boolean
}

/** What `switchAccount` takes besides a DID. */
export interface SwitchOptions {
  readonly did: string
  /** Path of the application to go to afterwards; without it the action's own page is shown again. */
  readonly returnTo?: string | undefined
}

/** What `signOut` takes. */
export interface SignOutOptions extends SignOutTarget {
  /** As for `SwitchOptions`. */
  readonly returnTo?: string | undefined
}

/** What an application can do with the accounts and devices of its visitors. */
export interface AccountFunctions {
  /**
   * The accounts that are signed in in this browser, the active one first. Handles are not looked up.
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
   * Makes another account of this browser the active one, also for `getSession` in the rest of this request. As
   * everything that changes something here, it works in server actions and route handlers only, and not for a request
   * that another site's page caused (server actions are guarded by Next as well).
   *
   * @param input DID, options, or a form with fields of their names
   * @throws TokenRevokedError when this browser has no such account (any more); AtprotoAuthError `request_refused`;
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
   * Signs one account out of this browser and revokes its tokens; the account that was active before it becomes the
   * active one. Nothing happens when nobody is signed in.
   *
   * @param input options, or a form with fields of their names
   * @throws as `switchAccount`, but for TokenRevokedError; what could not be ended then still is
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
   * Where the active account is signed in, the most recently used first; empty when nobody is.
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
   * Signs the active account out on one of its devices, which notices at its next request; no other device does. Says
   * whether the account had that device: another tab may have switched accounts since it was shown.
   *
   * @param deviceId from `listDevices`; nothing happens when it is none of the account's
   * @throws as `signOut`; AtprotoAuthError `session_ended` when nobody is signed in
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
   * Signs the active account out in all browsers. One whose session needs a new sign-in is signed out here alone.
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
  signOutEverywhere(): Promise<void>
}

interface Visit {
  readonly request: NextRequest
  readonly runtime: Runtime
  readonly cookie: SessionCookie | undefined
}

export function createAccountFunctions(runtime: () => Promise<Runtime>): AccountFunctions {
  return {
    async listAccounts() {
      const visit = await read(runtime)
      return visit.cookie ? listAccounts(visit.cookie, visit.runtime) : []
    },
    async switchAccount(input) {
      const { did = '', returnTo } = readSwitch(input)
      const { cookie, ...visit } = await beginChange(runtime)
      const switched = cookie && (await switchTo(cookie, did, visit.runtime))
      if (!switched) throw new TokenRevokedError(did, 'This browser has no session of that account.')
      await writeRequestCookie(visit.request, switched, visit.runtime)
      const { paths } = visit.runtime
      if (returnTo) redirectTo(safeReturnTo(returnTo, paths.afterSignIn, paths.base), visit.runtime)
    },
    async signOut(input = {}) {
      const { returnTo, ...target } = input instanceof FormData ? readAccountForm(input) : input
      const visit = await beginChange(runtime)
      await signOut(visit, target)
      const { paths } = visit.runtime
      if (returnTo) redirectTo(safeReturnTo(returnTo, paths.afterSignOut, paths.base), visit.runtime)
    },
    async signOutEverywhere() {
      await signOut(await beginChange(runtime), { everywhere: true })
    },
    async listDevices() {
      const { cookie, runtime: resolved } = await read(runtime)
      const account = cookie && (await readActiveAccount(cookie, resolved))
      if (!account?.isActive) return []
      const devices = await resolved.client.listSessions(account.did)
      return devices.map((device) => ({ ...device, isCurrent: device.deviceId === account.deviceId }))
    },
    async revokeDevice(deviceId) {
      const visit = await beginChange(runtime)
      const { cookie, runtime: resolved } = visit
      const account = cookie && (await readActiveAccount(cookie, resolved))
      if (!account?.isActive) throw new AtprotoAuthError('session_ended', 'Nobody is signed in.')
      if (deviceId !== account.deviceId) return revokeOther(account.did, deviceId, resolved)
      await signOut(visit, {})
      return true
    },
  }
}

function readSwitch(
  input: string | SwitchOptions | FormData,
): Pick<Partial<AccountForm>, 'did' | 'returnTo'> {
  if (typeof input === 'string') return { did: input }
  return input instanceof FormData ? readAccountForm(input) : input
}

async function read(runtime: () => Promise<Runtime>): Promise<Visit> {
  const request = await readRequest()
  const resolved = await runtime()
  const { text } = readRequestCookie(request, resolved)
  return { request, runtime: resolved, cookie: await openCookieText(text, resolved) }
}

/** Before anything is changed: whether it may be, and whether the browser can be told. */
async function beginChange(runtime: () => Promise<Runtime>): Promise<Visit> {
  const visit = await read(runtime)
  refuseForeignRequest(visit.request.headers, visit.runtime.publicUrl)
  await probeRequestCookie(visit.request, visit.runtime)
  return visit
}

async function signOut({ request, runtime, cookie }: Visit, target: SignOutTarget): Promise<void> {
  const left = cookie && (await signOutOf(cookie, target, runtime))
  await writeRequestCookie(request, left, runtime)
}

async function revokeOther(did: Did, deviceId: string, { client, hooks, log }: Runtime): Promise<boolean> {
  const devices = await client.listSessions(did)
  if (!devices.some((device) => device.deviceId === deviceId)) return false
  await client.revoke(did, { deviceId })
  await tellSignOut({ did, everywhere: false }, hooks, log)
  return true
}
