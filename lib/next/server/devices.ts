/** The devices of the active account: where it is signed in. */
import 'server-only'
import { AtprotoAuthError } from '../../errors.ts'
import type { Did } from '../../identity/syntax.ts'
import type { SessionSummary } from '../../oauth/records/session-summary.ts'
import { readActiveAccount, signOutOf } from '../accounts/cookie-accounts.ts'
import type { Config } from '../config/load-config.ts'
import { notifySignOut } from '../events/hooks.ts'
import { setSessionCookie } from './current-request.ts'
import type { RequestContext } from './request-context.ts'

/** A browser or device where the active account is signed in. */
export interface Device extends SessionSummary {
  /** Whether it is the browser that sent this request. */
  readonly isCurrent: boolean
}

/** `AccountFunctions.listDevices`. */
export async function listDevices({ cookie, config }: RequestContext): Promise<readonly Device[]> {
  const account = cookie && (await readActiveAccount(cookie, config))
  if (!account?.isActive) return []
  const devices = await listSignIns(account.did, config)
  return devices.map((device) => ({ ...device, isCurrent: device.deviceId === account.deviceId }))
}

/** `AccountFunctions.revokeDevice`. */
export async function revokeDevice(
  deviceId: string,
  { request, cookie, config }: RequestContext,
): Promise<boolean> {
  const account = cookie && (await readActiveAccount(cookie, config))
  if (!cookie || !account?.isActive) throw new AtprotoAuthError('session_ended', 'No account is signed in.')
  if (deviceId !== account.deviceId) return revokeOtherDevice(account.did, deviceId, config)
  await setSessionCookie(request, await signOutOf(cookie, {}, config), config)
  return true
}

async function revokeOtherDevice(
  did: Did,
  deviceId: string,
  { client, hooks, log }: Config,
): Promise<boolean> {
  const devices = await listSignIns(did, { client })
  if (!devices.some((device) => device.deviceId === deviceId)) return false
  await client.revoke(did, { deviceId })
  await notifySignOut({ did, everywhere: false }, hooks, log)
  return true
}

/** A connection is no device: its application ends it. */
async function listSignIns(did: Did, { client }: Pick<Config, 'client'>): Promise<readonly SessionSummary[]> {
  return (await client.listSessions(did)).filter(({ isConnection }) => !isConnection)
}
