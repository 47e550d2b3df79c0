/** What a scripted authorization server granted: tokens that renew each other, each bound to its holder. */
import { randomUUID } from 'node:crypto'
import { Refusal } from './request-checks.ts'

/** Who asks: the client, its key if it has one, and the DPoP key. */
export interface Holder {
  readonly clientId: string
  readonly kid: string | undefined
  readonly jkt: string
}

export interface Grant {
  readonly holder: Holder
  readonly did: string
  readonly scope: string
  accessToken: string
  refreshToken: string
  /** Epoch milliseconds. */
  expiresAt: number
  alive: boolean
}

export interface Grants {
  /** The grants, oldest first. */
  readonly all: readonly Grant[]
  /** Every code and token that was issued. */
  readonly secrets: readonly string[]
  /** How often a refresh token was renewed, used twice, and how often a live grant was revoked. */
  readonly counts: { readonly rotations: number; readonly replays: number; readonly revocations: number }
  /** A new secret of that kind, recognisable wherever it turns up. */
  createSecret(kind: string): string
  issue(grant: Pick<Grant, 'holder' | 'did' | 'scope'>): Grant
  /** The grant with new tokens. A refresh token works once: the second use ends the grant. */
  renew(holder: Holder, refreshToken: string): Grant
  /** Ends the grant of a token, an old refresh token included. */
  revoke(token: string): void
  /** The grant of an access token that is valid now. */
  ofAccessToken(token: string): Grant | undefined
  /** Whether an access token is the newest of a live grant, and over. */
  hasEnded(token: string): boolean
}

export interface GrantOptions {
  /** Life of an access token. */
  readonly lifetimeMs: number
  readonly now: () => number
}

export function createGrants({ lifetimeMs, now }: GrantOptions): Grants {
  const all: Grant[] = []
  const spent = new Map<string, Grant>()
  const secrets: string[] = []
  const counts = { rotations: 0, replays: 0, revocations: 0 }
  const createSecret = (kind: string) => {
    const secret = `${kind}.CANARY.${randomUUID()}`
    secrets.push(secret)
    return secret
  }
  const createTokens = () => ({
    accessToken: createSecret('access'),
    refreshToken: createSecret('refresh'),
    expiresAt: now() + lifetimeMs,
  })
  const holding = (token: string) =>
    all.find(({ accessToken, refreshToken }) => accessToken === token || refreshToken === token)

  return {
    all,
    secrets,
    counts,
    createSecret,
    issue(grant) {
      const issued = { ...grant, ...createTokens(), alive: true }
      all.push(issued)
      return issued
    },
    renew(holder, refreshToken) {
      endReplayed(spent.get(refreshToken), counts)
      const grant = all.find((entry) => entry.alive && entry.refreshToken === refreshToken)
      if (!grant) throw new Refusal('invalid_grant', 'the refresh token is unknown')
      requireSame(grant.holder, holder)
      spent.set(refreshToken, grant)
      counts.rotations += 1
      return Object.assign(grant, createTokens())
    },
    revoke(token) {
      const grant = spent.get(token) ?? holding(token)
      if (!grant?.alive) return
      grant.alive = false
      counts.revocations += 1
    },
    ofAccessToken: (token) =>
      all.find((entry) => entry.alive && entry.accessToken === token && entry.expiresAt > now()),
    hasEnded: (token) =>
      all.some((entry) => entry.alive && entry.accessToken === token && entry.expiresAt <= now()),
  }
}

/** @throws Refusal when client, client key or DPoP key are others than at the start */
export function requireSame(before: Holder, now: Holder): void {
  if (before.clientId !== now.clientId || before.kid !== now.kid)
    throw new Refusal('invalid_client', 'another client or client key than at the start')
  if (before.jkt !== now.jkt) throw new Refusal('invalid_dpop_proof', 'another DPoP key than at the start')
}

function endReplayed(grant: Grant | undefined, counts: { replays: number }): void {
  if (!grant) return
  grant.alive = false
  counts.replays += 1
  throw new Refusal('invalid_grant', 'the refresh token was used before')
}
