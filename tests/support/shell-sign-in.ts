/** Signing in at a terminal, in two phases, with a person at the authorization server's pages. */
import { setTokenLifetime } from './network/hooks.ts'
import type { LocalNetwork } from './network/network.ts'
import { approve } from './person.ts'
import { networkArgs, openShell, type Shell } from './shell.ts'

/** Of an access token, unless a test says otherwise. */
const HOUR_MS = 3_600_000
/** Of one that ends within a test. */
export const SHORT_MS = 3_000
export const SHELL_SCOPE = 'atproto repo:app.bsky.feed.post'

export interface ShellSignIn {
  readonly network: LocalNetwork
  readonly name?: 'alice' | 'bob' | 'carol'
  /** For `complete`. */
  readonly flags?: readonly string[]
}

/** Signs in; what `complete` printed, and as which client. */
export async function signInAt(shell: Shell, { network, name = 'alice', flags = [] }: ShellSignIn) {
  const account = network.accounts[name]
  const login = ['login', account.handle, '--two-phase', '--scope', SHELL_SCOPE, ...networkArgs(network)]
  const url = new URL((await shell.run(login)).stdout)
  const { href } = await approve(url, account)
  const { stdout } = await shell.run(['complete', href, ...flags])
  return { stdout, clientId: url.searchParams.get('client_id') ?? '', account }
}

/** A new shell where alice is signed in with a token of `SHORT_MS`; tokens issued later live for an hour again. */
export async function signedInBriefly(network: LocalNetwork, flags: readonly string[] = []) {
  setTokenLifetime(network.pds[0], SHORT_MS)
  const shell = openShell()
  const { stdout } = await signInAt(shell, { network, flags })
  setTokenLifetime(network.pds[0], HOUR_MS)
  return { shell, stdout }
}
