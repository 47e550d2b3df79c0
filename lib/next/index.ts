/** Public entry `next-atproto-auth`: sign-in for Next.js, on the server. */
import 'server-only'

export type { Secrets } from '../config/secrets.ts'
export * from '../errors.ts'
export type { PublicProfile } from '../identity/profile-cache.ts'
export type { SessionChoice } from '../oauth/client.ts'
export type { LocalNetwork } from '../oauth/client-options.ts'
export type { StandardSchema } from '../oauth/resource/standard-schema.ts'
export type { XrpcProcedureOptions, XrpcQueryOptions } from '../oauth/resource/xrpc.ts'
export type { XrpcResult } from '../oauth/resource/xrpc-answer.ts'
export { RateLimitError, ScopeMissingError, XrpcError } from '../oauth/resource/xrpc-error.ts'
export type { OAuthSession } from '../oauth/session/session.ts'
export { type PassThroughOptions, passThrough } from '../oauth/session/xrpc-proxy.ts'
export { signInErrorReference } from '../web/error-reference.ts'
export { connectErrorMessage, type SignInErrorCode, signInErrorMessage } from '../web/sign-in-error.ts'
export type { BrowserAccount, SignOutTarget } from './accounts/cookie-accounts.ts'
export { type AtprotoAuth, createAtprotoAuth } from './auth.ts'
export type { AtprotoAuthOptions } from './config/options.ts'
export type {
  AuthHooks,
  ConnectedEvent,
  ConnectOptions,
  SessionLostEvent,
  SessionRefreshedEvent,
  SignInEvent,
  SignOutEvent,
} from './events/hooks.ts'
export type { Activity, ErrorEvent, Logger } from './events/log.ts'
export type { Handlers } from './handlers/routes.ts'
export type { ClientAddress, RequestHeaders } from './limits/client-address.ts'
export { type LoginLimits, TooManyAttemptsError } from './limits/login-limits.ts'
export type {
  AccountFunctions,
  SignOutEverywhereOptions,
  SignOutOptions,
  SwitchOptions,
} from './server/account-functions.ts'
export type { ConnectFields, ConnectionChoice } from './server/connect-action.ts'
export type { Device } from './server/devices.ts'
export type { RequireSessionOptions } from './server/get-session.ts'
export type { SessionStatus } from './server/session-status.ts'
export type { SignInFields } from './server/sign-in-action.ts'
export type { SignInFailure, SignInOptions } from './server/start-from-action.ts'
