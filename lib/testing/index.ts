/**
 * Public entry `next-atproto-auth/testing`: a small network and signed-in browsers for the tests of an application. It
 * works in plain Node.js, without Next.js.
 */
export type { Did, Handle } from '../identity/syntax.ts'
export type { LocalNetwork } from '../oauth/client-options.ts'
export type { OAuthSession } from '../oauth/session/session.ts'
export type { Store } from '../store/contract.ts'
export { type NewTestAccount, type TestAccount, testDid } from './network/accounts.ts'
export type { TestFaults, TestServer } from './network/faults.ts'
export type {
  TestNetworkMethods,
  TestRequest,
  TestSession,
  TestTokens,
} from './network/network-methods.ts'
export type { TestRecord } from './network/repositories.ts'
export {
  connectTestNetwork,
  createTestNetwork,
  type StartedTestNetwork,
  type TestNetwork,
  type TestNetworkOptions,
} from './network/test-network.ts'
export { PortTakenError } from './servers/loopback-server.ts'
export {
  type BrowserCookie,
  type SignedInCookie,
  type SignedInCookieOptions,
  signedInCookie,
} from './session/signed-in-cookie.ts'
export { type SignedInSessionOptions, signedInSession } from './session/signed-in-session.ts'
export type { TestedApplication } from './session/test-client.ts'
