/** What tests do with a test network: the same in its own process and, over HTTP, from another one. */
import type { Home } from '../servers/pds-and-server.ts'
import type { Answer, RecordedRequest } from '../servers/scripted-server.ts'
import type { Accounts, NewTestAccount, TestAccount } from './accounts.ts'
import type { TestFaults } from './faults.ts'
import type { Repositories, TestRecord } from './repositories.ts'
import { readJson } from './xrpc-call.ts'

/** A request that the network got. */
export interface TestRequest {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly query: string
  /** The body, when it is JSON. */
  readonly json?: unknown
}

/** Whose session the network is to know, without a sign-in: see `signedInCookie`. */
export interface TestSession {
  readonly did: string
  /** Space-separated. */
  readonly scope: string
  readonly clientId: string
  /** Id of the key of a confidential client. */
  readonly clientKeyId?: string | undefined
  /** Thumbprint of the DPoP key (RFC 7638). */
  readonly jkt: string
}

/** Tokens that the network accepts. */
export interface TestTokens {
  readonly accessToken: string
  readonly refreshToken: string
  /** Epoch milliseconds at which the access token ends. */
  readonly expiresAt: number
}

/** What tests do with a test network. Accounts are named by handle or DID. */
export interface TestNetworkMethods {
  /** The account; rejects when there is none of that name. */
  account(name: string): Promise<TestAccount>
  /** Creates an account. */
  addAccount(account: string | NewTestAccount): Promise<TestAccount>
  /**
   * Approves a sign-in without a browser.
   *
   * @param url where the application sends the browser to
   * @param account who approves; default the account that the sign-in began with, or else the first
   * @returns where the browser is sent back to
   */
  approve(url: string | URL, account?: string): Promise<string>
  /** Denies a sign-in without a browser, as `approve`. */
  deny(url: string | URL): Promise<string>
  /** The records of an account in a collection, the newest first. */
  records(account: string, collection: string): Promise<readonly TestRecord[]>
  /** Writes a record as the account itself would, with a new record key or the given one. */
  createRecord(
    account: string,
    collection: string,
    record: Readonly<Record<string, unknown>>,
    rkey?: string,
  ): Promise<TestRecord>
  /**
   * Answers every call of an XRPC method with that JSON from now on, for instance of an AppView.
   *
   * @param status 200 to 599; default 200
   */
  answer(nsid: string, json: Readonly<Record<string, unknown>>, status?: number): Promise<void>
  /** Replaces the faults of the network; `{}` ends them. */
  setFaults(faults: TestFaults): Promise<void>
  /** Ends all sessions of an account, as if it had revoked them at its server. */
  endSessions(account: string): Promise<void>
  /** Ends the access tokens of an account: its next calls need a refresh. */
  expireTokens(account: string): Promise<void>
  /** The requests that came since the start or `reset`, of one XRPC method or all. */
  requests(nsid?: string): Promise<readonly TestRequest[]>
  /** Begins a session without a sign-in. `signedInCookie` and `signedInSession` call it. */
  issueTokens(session: TestSession): Promise<TestTokens>
  /** Removes records, sessions, answers, faults and what `requests` tells. Accounts stay. */
  reset(): Promise<void>
}

/** What the methods work on. */
export interface NetworkState {
  readonly home: Home
  readonly accounts: Accounts
  readonly repositories: Repositories
  readonly log: RecordedRequest[]
  /** Answers that a test has given, by method. */
  readonly fixed: Map<string, Answer>
  faults: TestFaults
}

export function createNetworkMethods(state: NetworkState): TestNetworkMethods {
  const { home, accounts, repositories, log, fixed } = state
  const { grants } = home.as
  const endAll = (did?: string) => {
    for (const grant of grants.all)
      if (did === undefined || grant.did === did) grants.revoke(grant.accessToken)
  }
  return {
    account: async (name) => accounts.get(name),
    addAccount: async (account) => accounts.add(account),
    async approve(url, account) {
      const address = new URL(url)
      const name = account ?? home.as.pushed(address).get('login_hint') ?? accounts.all[0]?.did ?? ''
      return home.as.approve(address, accounts.get(name).did).href
    },
    deny: async (url) => home.as.decline(new URL(url)).href,
    records: async (account, collection) => repositories.list(accounts.get(account).did, collection),
    async createRecord(account, collection, record, rkey = repositories.newKey()) {
      const place = { did: accounts.get(account).did, collection, rkey }
      return repositories.put(place, { $type: collection, ...record })
    },
    async answer(nsid, json, status = 200) {
      if (!Number.isInteger(status) || status < 200 || status > 599)
        throw new TypeError(`A status from 200 to 599 was expected, not ${status}.`)
      fixed.set(nsid, { status, json })
    },
    async setFaults(faults) {
      state.faults = faults
    },
    endSessions: async (account) => endAll(accounts.get(account).did),
    async expireTokens(account) {
      const { did } = accounts.get(account)
      for (const grant of grants.all) if (grant.did === did) grant.expiresAt = 0
    },
    requests: async (nsid) =>
      log.filter(({ path }) => nsid === undefined || path === `/xrpc/${nsid}`).map(toTestRequest),
    async issueTokens({ did, scope, clientId, clientKeyId, jkt }) {
      const holder = { clientId, kid: clientKeyId, jkt }
      const grant = grants.issue({ holder, did: accounts.get(did).did, scope })
      const { accessToken, refreshToken, expiresAt } = grant
      return { accessToken, refreshToken, expiresAt }
    },
    async reset() {
      state.faults = {}
      fixed.clear()
      repositories.clear()
      endAll()
      log.length = 0
    },
  }
}

function toTestRequest({ method, path, target, headers, body }: RecordedRequest): TestRequest {
  const isJson = headers['content-type']?.startsWith('application/json')
  const query = target.slice(path.length + 1)
  return { method, path, query, ...(isJson && { json: readJson(body) }) }
}
