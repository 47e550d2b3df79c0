/**
 * One process of an application: node worker.ts <setup as JSON>. It has a client of its own on a store that others
 * share, does what its parent tells it, and ends on SIGTERM as a server does: when its work is done.
 */
import { importKeyset } from '../../../lib/crypto/keyset.ts'
import { AtprotoAuthError } from '../../../lib/errors.ts'
import { OAuthClient } from '../../../lib/oauth/client.ts'
import { buildClientMetadata } from '../../../lib/oauth/client-metadata/build.ts'
import { openStore } from '../contract/open-store.ts'
import type { Command, Request, SessionRef, Setup, Told } from './messages.ts'
import { scriptStore } from './scripted-store.ts'

const setup: Setup = JSON.parse(process.argv[2] ?? '')
const { kind, address, plcDirectory, handleResolver, secrets, clientKeys, skewMs = 0, lagMs = 0 } = setup
let { now } = setup
const tell = (message: Told) => process.send?.(message)
const scripted = scriptStore(openStore(kind, address), lagMs, () => tell('held'))
/** What a server waits for before it ends: requests that it answers, and work that outlives them. */
const requests = new Set<Promise<unknown>>()
const lateWork = new Set<Promise<unknown>>()
let caller = new AbortController()
let isHalted = false

const client = new OAuthClient({
  clientMetadata: buildClientMetadata({
    publicUrl: clientKeys ? 'https://app.example.com' : 'http://127.0.0.1:3000',
    scope: 'atproto repo:app.bsky.feed.post',
    metadataPath: '/oauth-client-metadata.json',
    jwksPath: '/oauth/jwks.json',
    callbackPath: '/oauth/callback',
  }),
  keyset: clientKeys && (await importKeyset(clientKeys)),
  store: scripted.store,
  secrets,
  localNetwork: { plcDirectory, handleResolver },
  waitUntil: (work) => track(lateWork, work),
  now: () => now + skewMs,
})

function track<T>(running: Set<Promise<unknown>>, work: Promise<T>): Promise<T> {
  running.add(work)
  work.finally(() => running.delete(work))
  return work
}

/** As a page does it: the session of the cookie, and a call with it. */
async function call({ did, id }: SessionRef, signal?: AbortSignal): Promise<string> {
  try {
    const session = await client.restore(did, false, { sessionId: id })
    const response = await session.fetchHandler('/xrpc/com.example.echo', signal ? { signal } : {})
    await response.arrayBuffer()
    return String(response.status)
  } catch (error) {
    if (error === signal?.reason) return 'given up'
    return error instanceof AtprotoAuthError ? error.code : `untyped: ${error}`
  }
}

async function load(sessions: readonly SessionRef[], lanes: number): Promise<readonly string[]> {
  const outcomes: string[] = []
  const lane = async (first: number) => {
    for (let turn = first; !isHalted; turn += 1) {
      const session = sessions[turn % sessions.length]
      if (session) outcomes.push(await call(session))
      // One that fails at once would leave no room for anything else.
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
  await Promise.all(Array.from({ length: lanes }, (_, index) => lane(index)))
  return outcomes
}

async function obey(command: Command): Promise<readonly string[]> {
  if (command.do === 'call') {
    const calls = Array.from({ length: command.times }, () => command.sessions).flat()
    return Promise.all(calls.map((session) => call(session)))
  }
  if (command.do === 'abandon') {
    return Promise.all(command.sessions.map((session) => call(session, caller.signal)))
  }
  if (command.do === 'load') return load(command.sessions, command.lanes)
  if (command.do === 'halt') isHalted = true
  if (command.do === 'clock') now = command.now
  if (command.do === 'hold') scripted.hold(command.sessionId, command.point)
  if (command.do === 'failUpdates') scripted.failUpdates(command.sessionId, command.count)
  if (command.do === 'loseAnswer') scripted.loseAnswer(command.sessionId, command.of)
  if (command.do === 'go') {
    scripted.go()
    caller.abort()
    caller = new AbortController()
  }
  return []
}

process.on('message', ({ number, command }: Request) => {
  if (command.do === 'load') isHalted = false
  const work = obey(command).then((result) => tell({ number, result }))
  if (command.do !== 'abandon') void track(requests, work)
})

process.once('SIGTERM', async () => {
  isHalted = true
  tell('ending')
  while (requests.size + lateWork.size > 0) await Promise.allSettled([...requests, ...lateWork])
  await scripted.store.close()
  process.exit(0)
})
// A test that was cut off leaves nobody behind.
process.once('disconnect', () => process.exit(1))

// The first command also makes the connection; while many processes start at once, it may need a second try.
while (
  !(await scripted.store.ping().then(
    () => true,
    () => false,
  ))
)
  await new Promise((resolve) => setTimeout(resolve, 100))
tell('ready')
