/**
 * The methods of a test network over HTTP, for tests in another process: the workers of Playwright, or a script. Pages in
 * a browser cannot call them.
 */
import type { Answer, RecordedRequest } from '../servers/scripted-server.ts'
import type { TestNetworkMethods } from './network-methods.ts'

export const CONTROL_PATH = '/_test/control'

type MethodName = keyof TestNetworkMethods

/** What the network answers to a call of another process. */
export async function answerToControl(
  { method, headers, body }: RecordedRequest,
  methods: TestNetworkMethods,
): Promise<Answer> {
  const isOfBrowser = headers.origin !== undefined || headers['sec-fetch-site'] !== undefined
  if (method !== 'POST' || headers['content-type'] !== 'application/json' || isOfBrowser)
    return { status: 403, json: { error: 'Tests call this from Node.js.' } }
  const { name, args }: { name: MethodName; args: never[] } = JSON.parse(body.toString())
  if (!Object.hasOwn(methods, name)) return { status: 404, json: { error: `There is no ${name}.` } }
  const called: (...values: never[]) => Promise<unknown> = methods[name]
  return called(...args).then(
    (result) => ({ json: { result } }),
    (error: unknown) => ({
      status: 400,
      json: { error: error instanceof Error ? error.message : String(error) },
    }),
  )
}

/** The methods of the network at that origin. */
export function createRemoteMethods(origin: string): TestNetworkMethods {
  async function call<Name extends MethodName>(
    name: Name,
    ...args: Parameters<TestNetworkMethods[Name]>
  ): Promise<Awaited<ReturnType<TestNetworkMethods[Name]>>> {
    const response = await fetch(origin + CONTROL_PATH, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      // JSON has no undefined, and only the last arguments are left out.
      body: JSON.stringify({ name, args: args.slice(0, args.findLastIndex((arg) => arg !== undefined) + 1) }),
    }).catch((cause: unknown) => {
      throw new Error(`There is no test network at ${origin}. Is it started, on this port?`, { cause })
    })
    const { result, error } = await response.json()
    if (!response.ok) throw new TypeError(error)
    return result
  }
  return {
    account: (name) => call('account', name),
    addAccount: (account) => call('addAccount', account),
    approve: (url, account) => call('approve', String(url), account),
    deny: (url) => call('deny', String(url)),
    records: (account, collection) => call('records', account, collection),
    createRecord: (account, collection, record, rkey) =>
      call('createRecord', account, collection, record, rkey),
    answer: (nsid, json, status) => call('answer', nsid, json, status),
    setFaults: (faults) => call('setFaults', faults),
    endSessions: (account) => call('endSessions', account),
    expireTokens: (account) => call('expireTokens', account),
    requests: (nsid) => call('requests', nsid),
    issueTokens: (session) => call('issueTokens', session),
    reset: () => call('reset'),
  }
}
