/**
 * Tells an application what becomes of its sessions: `onUpdate` and `onDelete`, and listeners of `updated` and
 * `deleted`. They are not waited for, and one that throws changes nothing about what it was told.
 */
import type { Did } from '../../identity/syntax.ts'
import { type Session, type TokenSet, toSession } from './custom-store-format.ts'
import type { StoredSession } from './records-contract.ts'

/** A session was stored: it is new, or its tokens were refreshed. Printed or as JSON it shows no secret. */
export interface SessionUpdate extends Session {
  readonly sub: Did
  readonly sessionId: string
}

/** A session is over. Printed or as JSON it shows no secret. */
export interface SessionEnd {
  readonly sub: Did
  readonly sessionId: string
  /** Why, as an error: TokenRevokedError. */
  readonly cause: unknown
}

export interface SessionEventMap {
  readonly updated: CustomEvent<SessionUpdate>
  readonly deleted: CustomEvent<SessionEnd>
}

export type SessionEventListener<Type extends keyof SessionEventMap> = (
  event: SessionEventMap[Type],
) => unknown

/** The hooks that an application may give in addition to listeners. */
export interface SessionHooks {
  /** Called after a session was stored. It is not waited for; what it throws is logged by the name of the error alone. */
  readonly onUpdate?: ((sub: Did, session: SessionUpdate) => unknown) | undefined
  /** Called after a session ended; `cause` says why, and `end` which one it was. */
  readonly onDelete?: ((sub: Did, cause: unknown, end: SessionEnd) => unknown) | undefined
}

export interface SessionEvents {
  updated(session: StoredSession): void
  deleted(session: StoredSession, cause: unknown): void
  add<Type extends keyof SessionEventMap>(type: Type, listener: SessionEventListener<Type>): void
  remove<Type extends keyof SessionEventMap>(type: Type, listener: SessionEventListener<Type>): void
}

/** @param warn told that a hook or listener threw, without what it threw: that may hold anything */
export function createSessionEvents(hooks: SessionHooks, warn: (message: string) => void): SessionEvents {
  const listeners: { readonly [Type in keyof SessionEventMap]: Set<SessionEventListener<Type>> } = {
    updated: new Set(),
    deleted: new Set(),
  }

  function tell(name: string, call: () => unknown): void {
    const report = (error: unknown) =>
      warn(
        `${name} threw ${error instanceof Error ? error.name : typeof error}; the session is not affected.`,
      )
    // A task of its own: however long the hook takes, the refresh or sign-out does not wait for it.
    queueMicrotask(async () => {
      try {
        await call()
      } catch (error) {
        report(error)
      }
    })
  }

  return {
    updated(session) {
      const detail = describeUpdate(session)
      const event = new CustomEvent('updated', { detail })
      tell('onUpdate', () => hooks.onUpdate?.(detail.sub, detail))
      for (const listener of listeners.updated) tell('A listener of updated', () => listener(event))
    },
    deleted({ id, row }, cause) {
      const { did } = row.account
      const detail = withoutSecrets({ sub: did, sessionId: id, cause }, { sub: did, cause })
      const event = new CustomEvent('deleted', { detail })
      tell('onDelete', () => hooks.onDelete?.(detail.sub, cause, detail))
      for (const listener of listeners.deleted) tell('A listener of deleted', () => listener(event))
    },
    add(type, listener) {
      listeners[type].add(listener)
    },
    remove(type, listener) {
      listeners[type].delete(listener)
    },
  }
}

function describeUpdate(session: StoredSession): SessionUpdate {
  const { tokenSet, ...rest } = toSession(session)
  const { sub } = tokenSet
  const { access_token: _access, refresh_token: _refresh, ...shown } = tokenSet
  const { d: _, ...publicHalf } = rest.dpopJwk
  const detail = {
    ...rest,
    sub,
    sessionId: session.id,
    dpopJwk: withoutSecrets(rest.dpopJwk, publicHalf),
    tokenSet: withoutSecrets<TokenSet>(tokenSet, shown),
  }
  return withoutSecrets(detail, { sub, tokenSet: shown })
}

/** Returns a copy of the object, printed and turned into JSON as `shown`. */
export function withoutSecrets<T extends object>(object: T, shown: object): T {
  const show = { value: () => shown, enumerable: false }
  return Object.defineProperties(
    { ...object },
    {
      toJSON: show,
      [Symbol.for('nodejs.util.inspect.custom')]: show,
    },
  )
}
