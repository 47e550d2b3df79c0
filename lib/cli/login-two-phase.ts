/** Signing in with a browser anywhere: the first phase prints where to go; `complete` is the second. */
import { type Terminal, UsageError } from './command.ts'
import { exitCode } from './exit-codes.ts'
import type { LoginCall } from './login-call.ts'
import { type NetworkSettings, readNetwork } from './network-settings.ts'
import { toJson } from './output.ts'
import { LOOPBACK_REDIRECT, loopbackClient, type PublicClient, publishedClient } from './public-clients.ts'

const DEFAULT_SCOPE = 'atproto'
/** For the client's metadata document. */
const FETCH_MS = 10_000

/**
 * Begins a sign-in that another call finishes, and prints its URL.
 *
 * @returns the exit code
 * @throws what `OAuthClient.start` throws; UsageError
 */
export async function beginSignIn(call: LoginCall): Promise<number> {
  const { input, flags, terminal, workspace } = call
  const network = readNetwork(flags)
  const { client, redirectUri, scope } = await chooseClient(call, network)
  const { url, state } = await workspace
    .client(client, network)
    .start(input, { scope, redirect_uri: redirectUri })
  await workspace.signIns.put(state, { version: 1, client, network, redirectUri })

  terminal.print(flags.json ? toJson({ url: url.href, redirectUri }) : url.href)
  explain(redirectUri, terminal)
  return exitCode.ok
}

interface Choice {
  readonly client: PublicClient
  readonly redirectUri: string
  /** Undefined: all that the client declares. */
  readonly scope: string | undefined
}

async function chooseClient(
  { flags, scope, terminal: { env } }: LoginCall,
  network: NetworkSettings,
): Promise<Choice> {
  const clientId = flags['client-id'] ?? (env.ATPROTO_OAUTH_CLIENT_ID || undefined)
  const wanted = flags['redirect-uri'] ?? (env.ATPROTO_OAUTH_REDIRECT_URI || undefined)
  if (clientId === undefined) {
    if (wanted !== undefined)
      throw new UsageError('A redirect URI belongs to a client: name it with --client-id.')
    const client = loopbackClient(scope ?? DEFAULT_SCOPE)
    return { client, redirectUri: LOOPBACK_REDIRECT, scope: undefined }
  }
  const client = await publishedClient(clientId, network, AbortSignal.timeout(FETCH_MS))
  const redirectUri = wanted ?? client.redirect_uris[0]
  if (client.redirect_uris.includes(redirectUri)) return { client, redirectUri, scope }
  throw new UsageError(`The redirect URI is not one of the client's: ${client.redirect_uris.join(', ')}.`)
}

function explain(redirectUri: string, terminal: Terminal): void {
  const arrival =
    redirectUri === LOOPBACK_REDIRECT
      ? 'Afterwards it fails to open a page at 127.0.0.1, as it should: the address is what matters.'
      : `Afterwards it shows a page of ${new URL(redirectUri).host}.`
  terminal.complain(
    `Open this address in any browser, within five minutes. ${arrival} Copy the address it ended at, and run ` +
      '"next-atproto-auth complete" here: it asks for it.',
  )
}
