/** What goes wrong in a test network on command. */
import { setTimeout as sleep } from 'node:timers/promises'
import { scopeAllows } from '../../oauth/scope/compare.ts'
import { readScope, splitScope } from '../../oauth/scope/parse.ts'
import type { Answer, RecordedRequest } from '../servers/scripted-server.ts'

/** A server of the network. All of them are on one origin. */
export type TestServer = 'directory' | 'authorization server' | 'pds' | 'appview'

/** What the network does from now on; what is left out is as usual. */
export interface TestFaults {
  /** Servers that cut each connection. The directory resolves handles and DIDs. */
  readonly down?: readonly TestServer[] | undefined
  /** How long every answer takes, in milliseconds. */
  readonly delayMs?: number | undefined
  /**
   * Scopes that are not granted, as if the person had not agreed to them; calls that need them are refused, also in
   * sessions that had them before. Name each as your application asks for it, or a wider one; of `repo`, also one of its
   * actions.
   */
  readonly withhold?: readonly string[] | undefined
  /** What the consent page does. `approve` and `deny` answer at once, without a page; default `ask`. */
  readonly consent?: 'ask' | 'approve' | 'deny' | undefined
}

/** Answers as usual, later or not at all. */
export async function answerWithFaults(
  request: RecordedRequest,
  { down = [], delayMs }: TestFaults,
  usual: () => Promise<Answer>,
): Promise<Answer> {
  if (delayMs) await sleep(delayMs)
  return down.includes(serverOf(request)) ? { drop: true } : usual()
}

/** What is left of a scope without all that is within a withheld one: of `repo` without one action, the others. */
export function withoutWithheld(scope: string, { withhold = [] }: TestFaults): string {
  const isGranted = (part: string) => !withhold.some((withheld) => scopeAllows(withheld, part))
  return splitScope(scope)
    .flatMap((granted) => {
      const parts = partsOf(granted)
      const left = parts.filter(isGranted)
      return left.length === parts.length ? [granted] : left
    })
    .join(' ')
}

function partsOf(text: string): readonly string[] {
  const scope = readScope(text)
  if (scope.resource !== 'repo') return [text]
  return scope.collections.flatMap((name) => scope.actions.map((action) => `repo:${name}?action=${action}`))
}

/** Whether a call is for the AppView, which the PDS forwards. */
export function isForAppView({ path, headers }: Pick<RecordedRequest, 'path' | 'headers'>): boolean {
  const isOfPds = /^\/xrpc\/(com\.atproto\.|app\.bsky\.actor\.(get|put)Preferences$)/.test(path)
  return headers['atproto-proxy'] !== undefined || (path.startsWith('/xrpc/') && !isOfPds)
}

function serverOf(request: RecordedRequest): TestServer {
  const { path } = request
  if (/^\/(did:|did%3A)/i.test(path) || path.endsWith('.resolveHandle')) return 'directory'
  if (path.startsWith('/oauth/') || path.endsWith('/oauth-authorization-server'))
    return 'authorization server'
  return isForAppView(request) ? 'appview' : 'pds'
}
