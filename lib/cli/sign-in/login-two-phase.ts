/** Signing in with a browser anywhere: the first phase prints where to go; `complete` is the second. */
import { UsageError } from '../terminal/command.ts'
import { exitCode } from '../terminal/exit-codes.ts'
import { shellQuote, toJson } from '../terminal/output.ts'
import {
  LOOPBACK_REDIRECT,
  loopbackClient,
  type PublicClient,
  publishedClient,
} from '../workspace/public-clients.ts'
import type { LoginCall } from './login-options.ts'

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
  const { input, network, flags, terminal, workspace } = call
  const { client, redirectUri, scope } = await chooseClient(call)
  const { url, state } = await workspace
    .client(client, network)
    .start(input, { scope, redirect_uri: redirectUri })
  await workspace.signIns.put(state, { version: 1, client, network, redirectUri })

  terminal.complain('Open this address in any browser, within five minutes:\n')
  terminal.print(flags.json ? toJson({ url: url.href, redirectUri }) : url.href)
  terminal.complain(nextStep(redirectUri, flags['data-dir']))
  return exitCode.ok
}

interface Choice {
  readonly client: PublicClient
  readonly redirectUri: string
  /** Undefined: all that the client declares. */
  readonly scope: string | undefined
}

async function chooseClient({ flags, scope, network, terminal: { env } }: LoginCall): Promise<Choice> {
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

function nextStep(redirectUri: string, dataDir: string | undefined): string {
  const arrival =
    redirectUri === LOOPBACK_REDIRECT
      ? `In the end the browser says that it cannot open 127.0.0.1, as it should. Copy that address, all of it
(${redirectUri}?…), and go on here with:`
      : `In the end it shows a page of ${new URL(redirectUri).host}. Copy the address on it, and go on here with:`
  const folder = dataDir === undefined ? '' : ` --data-dir ${shellQuote(dataDir)}`
  return `\n${arrival}\n\n  next-atproto-auth complete${folder}`
}
