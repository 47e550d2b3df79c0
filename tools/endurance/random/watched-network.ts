/**
 * The scripted network of a run: it knows to which sign-in each grant belongs, sees when a refresh token comes twice, and
 * fails when it is told to. Its PDS says which grant a call was made with, and shows no token.
 */
import type { Grant } from '../../../lib/testing/servers/grants.ts'
import {
  type ScriptedNetwork,
  startScriptedNetwork,
} from '../../../tests/support/protocol/scripted-network.ts'
import type { Answer, RecordedRequest, Script } from '../../../tests/support/protocol/scripted-server.ts'

export type ServerName = 'authorization server' | 'PDS' | 'directory'

export interface WatchedNetwork extends AsyncDisposable {
  readonly network: ScriptedNetwork
  /** From now on the server answers with this; with `undefined` as usual. */
  setTrouble(server: ServerName, answer: Answer | undefined): void
  /** The next token answer with new tokens is lost. */
  loseTokenAnswer(): void
  /** The server ends that session by itself. */
  revoke(grant: Grant): void
  grantOfCode(code: string): Grant | undefined
  grantOfNumber(number: number): Grant | undefined
  /** Why the session of a grant may end without anybody having ended it; undefined when it must not. */
  doubtOf(grant: Grant): string | undefined
  /** Until when calls of a grant may have to wait for a refresh whose outcome is unknown; `performance.now()`. */
  waitsUntil(grant: Grant): number
  /** A process was killed: refreshes of these last milliseconds may not have been stored. */
  markKilled(withinMs: number): void
  /** What came that must not come. */
  readonly lost: readonly string[]
  /** What must be shown to no browser and no log, beside what the servers make recognisable. */
  readonly verifiers: ReadonlySet<string>
}

/** A refresh waits as long for another one whose outcome it does not know, and a little more. */
const MARKER_MS = 45_000
/** Before its end, a token is refreshed: a tenth of its life, and the time that a busy machine takes. */
const STALE_SHARE = 0.25

/** @param lifetimeMs life of an access token */
export async function startWatchedNetwork(lifetimeMs: number): Promise<WatchedNetwork> {
  const network = await startScriptedNetwork({ hasRealClock: true, lifetimeMs })
  const troubles = new Map<ServerName, Answer>()
  const tokens = watchTokens(network)
  const { as, pds } = network.home
  const withTrouble =
    (server: ServerName, script: Script): Script =>
    (request, usual) => {
      const trouble = troubles.get(server)
      if (trouble) tokens.markUnknown(request, trouble)
      return trouble ?? script(request, usual)
    }
  as.answer('*', withTrouble('authorization server', tokens.script))
  pds.answer('*', withTrouble('PDS', sayWhichGrant(network)))
  for (const server of [network.plc, network.resolver])
    server.answer(
      '*',
      withTrouble('directory', (_request, usual) => usual()),
    )
  return {
    network,
    setTrouble: (server, answer) => void (answer ? troubles.set(server, answer) : troubles.delete(server)),
    grantOfNumber: (number) => as.grants.all[number],
    ...tokens,
    markKilled: (withinMs) => tokens.markKilled(withinMs, lifetimeMs * STALE_SHARE),
    [Symbol.asyncDispose]: () => network[Symbol.asyncDispose](),
  }
}

function sayWhichGrant({ home }: ScriptedNetwork): Script {
  return async ({ accessToken }, usual) => {
    const answer = await usual()
    if (accessToken === undefined || (answer.status ?? 200) !== 200) return answer
    const number = home.as.grants.all.findIndex((grant) => grant.accessToken === accessToken)
    return { ...answer, json: { did: home.as.grants.all[number]?.did ?? '', grant: number } }
  }
}

function watchTokens({ home: { as }, now }: ScriptedNetwork) {
  const { all } = as.grants
  const byCode = new Map<string, Grant>()
  const spent = new Map<string, Grant>()
  const doubts = new Map<Grant, string>()
  const waits = new Map<Grant, number>()
  const underWay = new Set<Grant>()
  const answeredAt = new Map<Grant, number>()
  const verifiers = new Set<string>()
  const lost: string[] = []
  let losesNext = false

  const grantOf = ({ path, form }: RecordedRequest) => {
    const token = form.get('refresh_token')
    return path === '/oauth/token' && token !== null
      ? all.find((grant) => grant.refreshToken === token)
      : undefined
  }
  const wait = (grant: Grant) => void waits.set(grant, performance.now() + MARKER_MS)

  function seeReplay({ form }: RecordedRequest, answer: Answer): void {
    const [token, code] = [form.get('refresh_token') ?? '', form.get('code') ?? '']
    const grant = spent.get(token) ?? byCode.get(code)
    if (!grant || answer.json?.error !== 'invalid_grant' || doubts.has(grant)) return
    const what = spent.has(token) ? 'a refresh token' : 'a code'
    lost.push(`${what} of ${grant.did} (grant ${all.indexOf(grant)}) was sent twice`)
  }

  const script: Script = async (request, usual) => {
    if (request.path !== '/oauth/token') return usual()
    const { form } = request
    const before = grantOf(request)
    if (before) underWay.add(before)
    const verifier = form.get('code_verifier')
    if (verifier !== null) verifiers.add(verifier)
    const answer = await usual()
    if (before) underWay.delete(before)
    if (answer.json?.access_token === undefined) {
      seeReplay(request, answer)
      return answer
    }
    const grant = all.find(({ accessToken }) => accessToken === answer.json?.access_token)
    if (!grant) return answer
    answeredAt.set(grant, performance.now())
    if (before) spent.set(form.get('refresh_token') ?? '', grant)
    else byCode.set(form.get('code') ?? '', grant)
    if (!losesNext) return answer
    losesNext = false
    doubts.set(grant, 'the answer to a token request was lost')
    wait(grant)
    return { drop: true }
  }

  return {
    script,
    lost,
    verifiers,
    loseTokenAnswer() {
      losesNext = true
    },
    revoke(grant: Grant) {
      grant.alive = false
      doubts.set(grant, 'its server has revoked it')
    },
    grantOfCode: (code: string) => byCode.get(code),
    doubtOf: (grant: Grant) => doubts.get(grant),
    waitsUntil: (grant: Grant) => waits.get(grant) ?? 0,
    /** A request that the server has not seen, as far as its sender knows, may have been carried out. */
    markUnknown(request: RecordedRequest, trouble: Answer) {
      const grant = grantOf(request)
      if (grant && (trouble.drop || trouble.status === 502 || trouble.status === 504)) wait(grant)
    },
    markKilled(withinMs: number, staleMs: number) {
      const at = performance.now()
      for (const grant of all) {
        const isRecent =
          underWay.has(grant) || at - (answeredAt.get(grant) ?? Number.NEGATIVE_INFINITY) < withinMs
        if (isRecent) doubts.set(grant, 'a process was killed that may have been refreshing it')
        if (isRecent || grant.expiresAt - staleMs < now()) wait(grant)
      }
    },
  }
}
