/**
 * One refresh of a session at a time: under a lease of a store of this library, which all processes see, or under the
 * lock that an application hands in with its own stores.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { randomToken } from '../../crypto/derive.ts'
import { sha256 } from '../../crypto/hash.ts'
import { TokenRefreshError } from '../../errors.ts'
import type { Store } from '../../store/contract.ts'
import { createLocalLock, type RuntimeLock, requestLocalLock } from '../records/local-lock.ts'
import { readActive } from '../records/read-active.ts'
import type { SessionRecords, StoredSession } from '../records/records-contract.ts'
import { hasOtherTokens } from '../records/session-row.ts'
import { noTurn, type RefreshTurn } from './refresh-turn.ts'

/** The lock while it is held. */
export interface HeldLock {
  /**
   * Holds it for that long from now, also if this process stands still. The store is told meanwhile; if it does not
   * answer, the lock is as it was.
   */
  keepFor(ms: number): void
}

export interface RefreshLock {
  /** Whether other processes see it. */
  readonly isShared: boolean
  /**
   * What `work` returns, called while no other refresh of the session runs; or a newer session that another one left.
   *
   * @param turn its place is taken before `work` is called, and given back while another process has the lock; default none
   * @throws TokenRefreshError when another process has held the lock for too long; what `work` and `turn` throw
   */
  run(
    session: StoredSession,
    work: (lock: HeldLock) => Promise<StoredSession>,
    turn?: RefreshTurn,
  ): Promise<StoredSession>
}

/** Short, so that a crashed holder does not block others for long; extended while its request is under way. */
const LEASE_MS = 15_000
/** On average: processes that wait for the same sessions do not ask in step. */
const POLL_MS = 100
/** Between two attempts to give back a lease that is not used. */
const GIVE_BACK_MS = 500
/** Longer than a token request may take (30 s), with the look-ups before it. */
const WAIT_MS = 45_000

/** A lock by leases of a store. */
export function createLeaseLock({
  store,
  sessions,
}: {
  readonly store: Store
  readonly sessions: Pick<SessionRecords, 'read'>
}): RefreshLock {
  return {
    isShared: true,
    async run(session, work, turn = noTurn) {
      const [key, owner] = [`refresh:${sha256(session.id)}`, randomToken()]
      const acquire = async () => {
        await turn.take()
        return store.lease(key, owner, LEASE_MS).catch((error: unknown) => {
          void giveBack(store, key, owner)
          throw error
        })
      }
      // By the clock: each answer of the store may take its time as well.
      const endsAt = performance.now() + WAIT_MS
      while (!(await acquire())) {
        turn.giveBack()
        await turn.sleep(POLL_MS * (0.5 + Math.random()))
        const current = await readActive(session, sessions)
        if (hasOtherTokens(current.row, session.row)) return current
        if (performance.now() > endsAt) {
          throw new TokenRefreshError(
            session.row.account.did,
            'Another process has been refreshing the tokens for too long.',
          )
        }
      }
      let keptUntil = 0
      let extended: Promise<unknown> = Promise.resolve()
      // The next extension retries a failed one. If the lease is lost, the generation check still prevents a second write.
      const extend = () => {
        const ttlMs = () => Math.max(LEASE_MS, Math.ceil(keptUntil - performance.now()))
        // In order: an earlier one that came later would shorten the lease.
        extended = extended.then(() => store.lease(key, owner, ttlMs())).catch(() => false)
      }
      const extension = setInterval(extend, LEASE_MS / 3)
      const lock: HeldLock = {
        keepFor(ms) {
          keptUntil = performance.now() + ms
          extend()
        },
      }
      try {
        return await work(lock)
      } finally {
        clearInterval(extension)
        // An extension that came after the release would leave a lease without a holder.
        await extended
        await store.release(key, owner).catch(() => undefined)
      }
    },
  }
}

/**
 * A store that did not answer may have given the lease all the same. It is given back, so that others need not wait
 * until it ends.
 */
async function giveBack(store: Store, key: string, owner: string): Promise<void> {
  for (let waitedMs = 0; waitedMs < LEASE_MS; waitedMs += GIVE_BACK_MS) {
    await sleep(GIVE_BACK_MS)
    try {
      return await store.release(key, owner)
    } catch {
      // The store is still down.
    }
  }
}

/** A lock of an application lasts as long as the application holds it. */
const unlimited: HeldLock = { keepFor: () => {} }

/** A lock by the application's `requestLock`; without one, or with `requestLocalLock`, only this process sees it. */
export function createCustomLock(requestLock?: RuntimeLock): RefreshLock {
  const line = createLocalLock()
  return {
    isShared: requestLock !== undefined && requestLock !== requestLocalLock,
    run(session, work, turn = noTurn) {
      // The name that the official client uses: both may run side by side while an application changes over.
      const name = `@atproto-oauth-client-${session.row.account.did}`
      // The sessions of one account wait for each other without a place, so that others at their server get one. The place
      // comes before the application's lock, which may end after a time.
      return line(name, async () => {
        await turn.take()
        const run = () => work(unlimited)
        return requestLock ? requestLock(name, run) : run()
      })
    },
  }
}

/** Both: the application's lock around the lease. */
export function nestLocks(outer: RefreshLock, inner: RefreshLock): RefreshLock {
  return {
    isShared: outer.isShared || inner.isShared,
    run: (session, work, turn) => outer.run(session, () => inner.run(session, work, turn), turn),
  }
}
