/** XRPC calls at the PDS of a test network: what came, and how a call is refused (atproto.com/specs/xrpc). */
import { isNsid } from '../../identity/syntax.ts'
import { scopeAllows } from '../../oauth/scope/compare.ts'
import type { Answer, RecordedRequest } from '../servers/scripted-server.ts'

export interface XrpcCall {
  readonly nsid: string
  readonly params: URLSearchParams
  readonly request: RecordedRequest
}

/** Why a call is refused. */
export class XrpcRefusal extends Error {
  readonly status: number
  readonly error: string

  constructor(status: number, error: string, message: string) {
    super(message)
    this.status = status
    this.error = error
  }
}

/** The call of a request; undefined when its path is none. */
export function parseCall(request: RecordedRequest): XrpcCall | undefined {
  const [, nsid = ''] = /^\/xrpc\/([\w.-]+)$/.exec(request.path) ?? []
  // No name that every object of JavaScript has is one.
  if (!isNsid(nsid)) return undefined
  return { nsid, request, params: new URL(request.target, request.origin).searchParams }
}

/** The answer, or the refusal in the words of XRPC. */
export async function answerOrRefuse(work: () => Answer | Promise<Answer>): Promise<Answer> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof XrpcRefusal)) throw error
    return { status: error.status, json: { error: error.error, message: error.message } }
  }
}

/** @throws XrpcRefusal in the words of the reference PDS when the scope does not allow it */
export function requireScope(granted: string, wanted: string): void {
  if (!scopeAllows(granted, wanted))
    throw new XrpcRefusal(403, 'ScopeMissingError', `Missing required scope "${wanted}"`)
}

/** A parameter of the query. @throws XrpcRefusal when it is missing */
export function requireParam({ params }: XrpcCall, name: string): string {
  const value = params.get(name)
  if (value) return value
  throw invalidRequest(`Error: Params must have the property "${name}"`)
}

export function invalidRequest(message: string, error = 'InvalidRequest'): XrpcRefusal {
  return new XrpcRefusal(400, error, message)
}

/** The JSON of a body; undefined when it is none. */
export function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}
