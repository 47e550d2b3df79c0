/**
 * Tells the operator that the secret was replaced in one step, which signs all users out. Their cookies do not open,
 * and anyone can send such cookies, so only a row of the store gives the line. All of it happens after the response,
 * and what fails here fails nothing else.
 */
import 'server-only'
import type { Secrets } from '../../config/secrets.ts'
import { sha256 } from '../../crypto/hash.ts'
import { createSecretRow, otherSecretAt, type SecretUse } from '../../oauth/records/secret-row.ts'
import { inTime } from '../../oauth/server/in-time.ts'
import type { Store } from '../../store/contract.ts'
import { afterResponse } from '../process/after-response.ts'
import { createSecretTurns, type SecretTurns } from '../process/secret-turns.ts'
import { sharedState } from '../process/shared-state.ts'
import type { Log } from './log.ts'

export interface SecretCheck {
  /** A browser has sent a session cookie that did not open. Reads the row, if it is time for that. */
  onUnopenedCookie(): void
  /** A sign-in is complete. Reads the row, if it is time for that, and writes it if it has to be. */
  onSignIn(): void
}

export interface SecretCheckDeps {
  readonly store: Store
  readonly secrets: Secrets
  readonly publicUrl: string
  readonly sessionLifetimeMs: number
  readonly log: Pick<Log, 'warnOnce'>
}

/** How long a host is kept running for it. */
const LIMIT_MS = 2_000

export function createSecretCheck({ log, sessionLifetimeMs, ...deps }: SecretCheckDeps): SecretCheck {
  const row = createSecretRow({ ...deps, now: Date.now })
  const turns = turnsOf(deps)

  async function readAndTell(): Promise<SecretUse> {
    const use = await row.read()
    const { message, fix } = otherSecretAt(deps.publicUrl)
    if (use === 'other_secret') log.warnOnce(`${message} ${fix}`)
    return use
  }

  async function renew(): Promise<true> {
    if ((await readAndTell()) !== 'fresh') await row.write(sessionLifetimeMs)
    return true
  }

  return {
    onUnopenedCookie() {
      // An outage of the store is told by the requests that need it; here the next turn reads again.
      if (turns.takeForCookie()) afterResponse(() => inTime(readAndTell(), LIMIT_MS).catch(() => undefined))
    },
    onSignIn() {
      if (!turns.takeForSignIn()) return
      afterResponse(async () => {
        // As above: the sign-in itself has already stored what it needs.
        const isDone = await inTime(renew(), LIMIT_MS).catch(() => false)
        if (!isDone) turns.giveBack()
      })
    },
  }
}

/** One set of turns for all instances and bundles of an application in this process. */
function turnsOf({ publicUrl, secrets }: Pick<SecretCheckDeps, 'publicUrl' | 'secrets'>): SecretTurns {
  const { secretTurns } = sharedState()
  const name = sha256(JSON.stringify([publicUrl, ...secrets]))
  const turns = secretTurns.get(name) ?? createSecretTurns()
  secretTurns.set(name, turns)
  return turns
}
