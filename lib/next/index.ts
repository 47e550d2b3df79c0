/** Public entry `next-atproto-auth`: sign-in for Next.js on the server. */
import 'server-only'

export * from '../errors.ts'
export type { SessionChoice } from '../oauth/client.ts'
export type { LocalNetwork } from '../oauth/client-options.ts'
export { type PassThroughOptions, passThrough } from '../oauth/pass-through.ts'
export type { OAuthSession } from '../oauth/session.ts'
export type { StandardSchema } from '../oauth/standard-schema.ts'
export type { XrpcProcedureOptions, XrpcQueryOptions } from '../oauth/xrpc.ts'
export type { XrpcResult } from '../oauth/xrpc-answer.ts'
export { RateLimitError, ScopeMissingError, XrpcError } from '../oauth/xrpc-error.ts'
export type { BrowserAccount, SignOutTarget } from './accounts.ts'
export { type AtprotoAuth, createAtprotoAuth } from './auth.ts'
export type { ClientAddress, RequestHeaders } from './client-address.ts'
export type { Secrets } from './cookie.ts'
export type { RequireSessionOptions, SessionStatus } from './get-session.ts'
export type { Handlers } from './handlers.ts'
export type {
  AuthHooks,
  SessionLostEvent,
  SessionRefreshedEvent,
  SignInEvent,
  SignOutEvent,
} from './hooks.ts'
export type { Activity, ErrorEvent, Logger } from './log.ts'
export { type LoginLimits, TooManyAttemptsError } from './login-limits.ts'
export type { AtprotoAuthOptions } from './options.ts'
export type { AccountFunctions, Device, SignOutOptions, SwitchOptions } from './request-accounts.ts'
export type { SignInFailure, SignInFields, SignInOptions } from './sign-in.ts'
export { type SignInErrorCode, signInErrorMessage } from './sign-in-error.ts'
