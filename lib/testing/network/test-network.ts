/**
 * A small AT Protocol network for the tests of an application, on one loopback origin: PLC directory, handle resolver,
 * authorization server with a consent page, PDS and AppView. It checks what real servers check: pushed requests, PKCE,
 * DPoP proofs with nonces, client assertions, scopes. It is no network for anything but tests: it knows no password.
 */
import type { JSONWebKeySet } from 'jose'
import type { LocalNetwork } from '../../oauth/client-options.ts'
import { splitScope } from '../../oauth/scope/parse.ts'
import { type Home, type SessionCall, startHome } from '../servers/pds-and-server.ts'
import type { Answer, RecordedRequest } from '../servers/scripted-server.ts'
import { createAccounts, didDocument, type NewTestAccount } from './accounts.ts'
import { answerAsAppView } from './app-view.ts'
import { answerAtConsent, CONSENT_PATH } from './consent-page.ts'
import { answerWithFaults, isForAppView, withoutWithheld } from './faults.ts'
import { createNetworkMethods, type NetworkState, type TestNetworkMethods } from './network-methods.ts'
import { openMethods, ownMethods, type PdsDeps } from './pds-methods.ts'
import { answerToControl, CONTROL_PATH, createRemoteMethods } from './remote-control.ts'
import { createRepositories } from './repositories.ts'
import { answerOrRefuse, parseCall } from './xrpc-call.ts'

export interface TestNetworkOptions {
  /** Handles such as `alice.test`; default `alice.test` and `bob.test`. */
  readonly accounts?: readonly (string | NewTestAccount)[] | undefined
  /** Default a free port. Give one if the application is started before the network or beside it. */
  readonly port?: number | undefined
  /** Life of an access token, in milliseconds; default an hour. */
  readonly accessTokenLifetimeMs?: number | undefined
  /** The public keys of a confidential client, as its `/oauth/jwks.json` serves them. A loopback client has none. */
  readonly jwks?: JSONWebKeySet | undefined
}

/** A test network, in this process or another one. */
export interface TestNetwork extends TestNetworkMethods {
  /** Such as `http://127.0.0.1:2600`. */
  readonly origin: string
  /** For the option of that name of `createAtprotoAuth` and of `OAuthClient`. */
  readonly localNetwork: LocalNetwork
}

/** A test network that this process has started. */
export interface StartedTestNetwork extends TestNetwork, AsyncDisposable {
  /** Stops it, and forgets all that it held. */
  stop(): Promise<void>
}

/**
 * Starts a network; `await using` stops it at the end of the block.
 *
 * @throws PortTakenError when another program has the port; TypeError for a handle that is none
 */
export async function createTestNetwork(options: TestNetworkOptions = {}): Promise<StartedTestNetwork> {
  const { accounts = ['alice.test', 'bob.test'], port, accessTokenLifetimeMs = 3_600_000, jwks } = options
  const now = Date.now
  const people = createAccounts(accounts)
  const repositories = createRepositories(now)
  const log: RecordedRequest[] = []
  const shared = { accounts: people, repositories, fixed: new Map<string, Answer>() }
  const home = await startHome({
    log,
    port,
    now,
    jwks,
    violations: [],
    lifetimeMs: accessTokenLifetimeMs,
    traits: {
      hasOneOrigin: true,
      grantedScope: (asked) => withoutWithheld(asked, state.faults),
      refusePushed: refuseUndeclared,
    },
    respond: (call) => answerToSession(call, state),
    respondToAnyone: (request) => answerToAnyone(request, state, methods),
  })
  const state: NetworkState = { ...shared, home, log, faults: {} }
  const methods = createNetworkMethods(state)
  home.as.answer('*', async (request, usual) => {
    if (request.path !== CONTROL_PATH) return answerWithFaults(request, state.faults, usual)
    log.pop()
    return usual()
  })
  const stop = () => home.as.close()
  return { ...networkAt(home.as.origin, methods), stop, [Symbol.asyncDispose]: stop }
}

/**
 * The test network that another process has started, for instance a set-up of all tests.
 *
 * @param origin such as `http://127.0.0.1:2600`
 */
export function connectTestNetwork(origin: string): TestNetwork {
  const address = new URL(origin).origin
  return networkAt(address, createRemoteMethods(address))
}

function networkAt(origin: string, methods: TestNetworkMethods): TestNetwork {
  return { ...methods, origin, localNetwork: { plcDirectory: origin, handleResolver: origin } }
}

function pdsDeps({ home, accounts, repositories }: NetworkState): PdsDeps {
  return { accounts, repositories, origin: () => home.pds.origin }
}

/** What a session's call is answered with, its token and proof in order. */
async function answerToSession({ grant, request }: SessionCall, state: NetworkState): Promise<Answer> {
  const call = parseCall(request)
  const account = state.accounts.find(grant.did)
  if (!call || !account) return { status: 404, json: { error: 'NotFound', message: 'No such method.' } }
  const caller = { account, scope: withoutWithheld(grant.scope, state.faults) }
  const deps = pdsDeps(state)
  return answerOrRefuse(() => {
    const own = isForAppView(request) ? undefined : ownMethods[call.nsid]
    const fixed = state.fixed.get(call.nsid)
    if (own) return fixed ?? own(call, caller, deps)
    return fixed && !isForAppView(request) ? fixed : answerAsAppView(call, caller, deps, state.fixed)
  })
}

/** What needs no session; undefined where one is needed. */
async function answerToAnyone(
  request: RecordedRequest,
  state: NetworkState,
  methods: TestNetworkMethods,
): Promise<Answer | undefined> {
  const { path } = request
  if (path === CONTROL_PATH) return answerToControl(request, methods)
  if (path === CONSENT_PATH)
    return answerAtConsent(request, {
      server: state.home.as,
      accounts: state.accounts,
      faults: () => state.faults,
    })
  // A browser asks for it beside the consent page, and would log any error.
  if (path === '/favicon.ico') return { status: 204, body: '' }
  if (path === '/') return { json: { network: 'test', accounts: state.accounts.all } }
  if (/^\/did(:|%3A)/i.test(path)) return directoryEntry(decodeURIComponent(path.slice(1)), state)
  const call = parseCall(request)
  const open = call && openMethods[call.nsid]
  return open && answerOrRefuse(() => state.fixed.get(call.nsid) ?? open(call, pdsDeps(state)))
}

/** What a loopback client may not ask for: its id declares all else (atproto.com/specs/oauth, "Localhost Client"). */
function refuseUndeclared({ form }: RecordedRequest): Answer | undefined {
  const id = URL.parse(form.get('client_id') ?? '')
  if (id?.protocol !== 'http:') return undefined
  const refuse = (error: string, error_description: string) => ({
    status: 400,
    json: { error, error_description },
  })
  if (!id.searchParams.getAll('redirect_uri').includes(form.get('redirect_uri') ?? ''))
    return refuse('invalid_request', 'The client_id does not declare this redirect_uri.')
  const declared = splitScope(id.searchParams.get('scope') ?? 'atproto')
  const isDeclared = splitScope(form.get('scope') ?? '').every((scope) => declared.includes(scope))
  return isDeclared ? undefined : refuse('invalid_scope', 'The client_id does not declare this scope.')
}

function directoryEntry(did: string, { accounts, home }: { accounts: NetworkState['accounts']; home: Home }) {
  const account = accounts.find(did)
  if (!account) return { status: 404, json: { message: `DID not registered: ${did}` } }
  return { json: didDocument(account, home.pds.origin) }
}
