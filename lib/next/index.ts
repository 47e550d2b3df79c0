/** Public entry `next-atproto-auth`: sign-in for Next.js on the server. */
import 'server-only'

export * from '../errors.ts'
export type { LocalNetwork } from '../oauth/client-options.ts'
export { type PassThroughOptions, passThrough } from '../oauth/pass-through.ts'
export type { OAuthSession } from '../oauth/session.ts'
export type { XrpcProcedureOptions, XrpcQueryOptions, XrpcResult } from '../oauth/xrpc.ts'
export { RateLimitError, ScopeMissingError, XrpcError } from '../oauth/xrpc-error.ts'
export { type AtprotoAuth, createAtprotoAuth } from './auth.ts'
export type { AtprotoAuthOptions } from './config.ts'
export type { Handlers } from './handlers.ts'
export { type SignInErrorCode, signInErrorMessage } from './sign-in-error.ts'
