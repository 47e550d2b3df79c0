/** Compares answers with what the oracle says of the cookie that was sent. */
import { z } from 'zod'
import type { CookieContent, KnownSession } from './oracle.ts'
import { lose, type Turn } from './run.ts'
import type { Reply } from './visit.ts'

/** Whether a failure is allowed: something was wrong on purpose, or a refresh has an unknown outcome. */
export function isExcused({ run }: Turn, content: CookieContent | undefined, { from, to }: Reply): boolean {
  const waits = content?.sessions.some(({ grant }) => grant && run.network.waitsUntil(grant) >= from)
  return run.troubles.excuses(from, to) || waits === true
}

/** Whether the answer is a failure that passes; notes it where nothing was wrong. */
export function isPassingFailure(turn: Turn, content: CookieContent | undefined, reply: Reply): boolean {
  const { status, body } = reply
  if (status > 0 && status < 429) return false
  turn.run.counts.failed += 1
  if (status === 0) return true
  if (!isExcused(turn, content, reply)) lose(turn, 'no failure', `${status} ${body.slice(0, 120)}`)
  return true
}

/** Whether the session must work, as far as was known when the answer came. */
export function mustWork({ run: { oracle } }: Turn, session: KnownSession): boolean {
  return session.endedAt === undefined && oracle.doubtOf(session) === undefined
}

const callSchema = z.object({ did: z.string(), grant: z.number() })

/** The answer to a call. */
export function judgeCall(turn: Turn, content: CookieContent | undefined, reply: Reply): void {
  if (isPassingFailure(turn, content, reply)) return
  const [session] = content?.sessions ?? []
  if (!content || !session) {
    if (reply.status !== 401) lose(turn, '401 without a session', String(reply.status))
    return
  }
  if (reply.status === 401) {
    noteEnd(turn, session, reply)
    return
  }
  const parsed = callSchema.safeParse(readJson(reply.body))
  if (reply.status !== 200 || !parsed.success) {
    lose(turn, 'an answer of the PDS', `${reply.status} ${reply.body.slice(0, 120)}`)
    return
  }
  noteUse(turn, { content, session, reply }, parsed.data)
}

interface Use {
  readonly content: CookieContent
  readonly session: KnownSession
  readonly reply: Reply
}

function noteUse(turn: Turn, { content, session, reply }: Use, came: z.infer<typeof callSchema>): void {
  const { network, oracle } = turn.run
  const grant = network.grantOfNumber(came.grant)
  if (came.did !== content.did) lose(turn, `a call as ${content.did}`, `one as ${came.did}`)
  session.grant ??= grant
  if (session.grant !== grant)
    lose(turn, `the session of ${session.browser}`, describeOwner(turn, came.grant))
  if (session.endedAt !== undefined && session.endedAt < reply.from)
    lose(turn, `no call, because the session had ended (${oracle.doubtOf(session)})`, '200')
}

function describeOwner({ run: { oracle, network } }: Turn, number: number): string {
  const owner = oracle.sessions.find(({ grant }) => grant && grant === network.grantOfNumber(number))
  return `another session, of ${owner?.browser ?? 'no browser'}`
}

/** The session has ended: now that is certain. */
function noteEnd(turn: Turn, session: KnownSession, { to }: Reply): void {
  if (mustWork(turn, session)) lose(turn, 'a session that works', 'signed out')
  session.endedAt ??= to
}

const pageSchema = z.object({
  did: z.string().nullable(),
  accounts: z.array(
    z.object({ did: z.string(), isActive: z.boolean(), status: z.enum(['active', 'reauth_required']) }),
  ),
})

/** A page with who is signed in and all accounts of the browser. */
export function judgePage(turn: Turn, content: CookieContent | undefined, reply: Reply): void {
  if (isPassingFailure(turn, content, reply)) return
  const parsed = pageSchema.safeParse(readJson(reply.body))
  if (reply.status !== 200 || !parsed.success) {
    lose(turn, 'a page', `${reply.status}`)
    return
  }
  const { did, accounts } = parsed.data
  judgeActive(turn, { content, did, reply })
  const { oracle } = turn.run
  const sessions = content?.sessions ?? []
  for (const account of accounts) {
    const own = sessions.filter((session) => (oracle.didOf(session) ?? account.did) === account.did)
    const isPossible = own.some(({ isSignedOut, endedAt }) => !isSignedOut || (endedAt ?? 0) >= reply.from)
    if (!isPossible) lose(turn, 'a list of the browser’s own accounts', `${account.did} in it`)
    if (account.status !== 'active' && own.every((session) => mustWork(turn, session)))
      lose(turn, `${account.did} as active`, account.status)
  }
  for (const session of sessions) {
    const isListed = accounts.some((account) => account.did === oracle.didOf(session))
    if (!isListed && mustWork(turn, session)) lose(turn, `${oracle.didOf(session)} in the list`, 'none')
  }
}

const statusSchema = z.object({
  kind: z.enum(['none', 'active', 'reauth_required']),
  did: z.string().optional(),
})

/** What scripts of a page are told. */
export function judgeStatus(turn: Turn, content: CookieContent | undefined, reply: Reply): void {
  if (isPassingFailure(turn, content, reply)) return
  const parsed = statusSchema.safeParse(readJson(reply.body))
  if (reply.status !== 200 || !parsed.success) {
    lose(turn, 'a status', `${reply.status}`)
    return
  }
  const { kind, did = null } = parsed.data
  judgeActive(turn, { content, did: kind === 'active' ? did : null, reply })
  if (kind === 'reauth_required' && did !== content?.did)
    lose(turn, `a status of ${content?.did}`, `one of ${did}`)
}

interface Shown {
  readonly content: CookieContent | undefined
  /** Who is signed in. */
  readonly did: string | null
  readonly reply: Reply
}

function judgeActive(turn: Turn, { content, did, reply }: Shown): void {
  const [session] = content?.sessions ?? []
  if (did === null) {
    // A refused refresh shows only in calls; of a session that is gone every request knows.
    if (session && mustWork(turn, session)) lose(turn, `${content?.did} as signed in`, 'nobody')
    return
  }
  if (did !== content?.did) lose(turn, `${content?.did ?? 'nobody'} as signed in`, did)
  if (session?.isSignedOut && (session.endedAt ?? 0) < reply.from)
    lose(turn, 'nobody, after the sign-out', `${did} as signed in`)
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // What the schema refuses.
    return undefined
  }
}
