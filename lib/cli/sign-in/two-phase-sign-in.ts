/**
 * The first phase of a sign-in in a browser on another machine: it prints the URL. The command `complete` is the second phase.
 */
import { UsageError } from '../terminal/command.ts'
import { exitCode } from '../terminal/exit-codes.ts'
import { shellQuote, toJson } from '../terminal/output.ts'
import {
  LOOPBACK_REDIRECT,
  loopbackClient,
  type PublicClient,
  publishedClient,
} from '../workspace/public-clients.ts'
import type { LoginRequest } from './login-options.ts'

const DEFAULT_SCOPE = 'atproto'
/** For the client's metadata document. */
const FETCH_MS = 10_000

/**
 * Begins a sign-in and prints its URL. The command `complete` finishes it.
 *
 * @returns the exit code
 * @throws what `OAuthClient.start` throws; UsageError
 */
export async function beginTwoPhaseSignIn(request: LoginRequest): Promise<number> {
  const { input, network, flags, terminal, workspace } = request
  const { client, redirectUri, scope } = await chooseClient(request)
  const { url, state } = await workspace
    .client(client, network)
    .start(input, { scope, redirect_uri: redirectUri })
  await workspace.signIns.put(state, { version: 1, client, network, redirectUri })

  terminal.printError('Open this address in any browser within five minutes:\n')
  terminal.print(flags.json ? toJson({ url: url.href, redirectUri }) : url.href)
  terminal.printError(instructionsFor(redirectUri, flags['data-dir']))
  return exitCode.ok
}

interface ClientChoice {
  readonly client: PublicClient
  readonly redirectUri: string
  /** Undefined: the whole scope of the client. */
  readonly scope: string | undefined
}

async function chooseClient({
  flags,
  scope,
  network,
  terminal: { env },
}: LoginRequest): Promise<ClientChoice> {
  const clientId = flags['client-id'] ?? (env.ATPROTO_OAUTH_CLIENT_ID || undefined)
  const requestedUri = flags['redirect-uri'] ?? (env.ATPROTO_OAUTH_REDIRECT_URI || undefined)
  if (clientId === undefined) {
    if (requestedUri !== undefined) throw new UsageError('--redirect-uri needs --client-id.')
    const client = loopbackClient(scope ?? DEFAULT_SCOPE)
    return { client, redirectUri: LOOPBACK_REDIRECT, scope: undefined }
  }
  const client = await publishedClient(clientId, network, AbortSignal.timeout(FETCH_MS))
  const redirectUri = requestedUri ?? client.redirect_uris[0]
  if (client.redirect_uris.includes(redirectUri)) return { client, redirectUri, scope }
  throw new UsageError(
    `The client does not declare this redirect URI. It declares: ${client.redirect_uris.join(', ')}.`,
  )
}

function instructionsFor(redirectUri: string, dataDir: string | undefined): string {
  const finalPage =
    redirectUri === LOOPBACK_REDIRECT
      ? `After you sign in, the browser shows an error because it cannot open 127.0.0.1. That is expected. Copy the complete
address from the address bar (${redirectUri}?…) and run:`
      : `After you sign in, the browser shows a page of ${new URL(redirectUri).host}. Copy the address on it and run:`
  const folder = dataDir === undefined ? '' : ` --data-dir ${shellQuote(dataDir)}`
  return `\n${finalPage}\n\n  npx next-atproto-auth complete${folder}`
}
