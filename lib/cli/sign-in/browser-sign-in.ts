/** Signs in with a browser on this machine, which returns to a listener of this process. */
import { AtprotoAuthError } from '../../errors.ts'
import type { OAuthClient } from '../../oauth/client.ts'
import { nameOf } from '../session/select-account.ts'
import { type Terminal, UsageError } from '../terminal/command.ts'
import { exitCode } from '../terminal/exit-codes.ts'
import { openBrowser } from '../terminal/open-browser.ts'
import type { PendingSignIn } from '../workspace/pending-sign-ins.ts'
import { loopbackClient } from '../workspace/public-clients.ts'
import type { LoginRequest } from './login-options.ts'
import { type Callback, listenForCallback } from './loopback-listener.ts'
import { reportSignIn, saveAccount } from './save-account.ts'

const DEFAULT_SCOPE = 'atproto'
const DEFAULT_WAIT_S = 300
const MAX_WAIT_S = 3_600

/**
 * Opens the browser and waits until the user has signed in.
 *
 * @returns the exit code
 * @throws what `OAuthClient.start` and `callback` throw
 */
export async function signInWithBrowser(request: LoginRequest): Promise<number> {
  const waitS = readSeconds(request.flags.timeout)
  const { network } = request
  const cancelled = new AbortController()
  const cancel = () => cancelled.abort()
  const signal = AbortSignal.any([cancelled.signal, AbortSignal.timeout(waitS * 1000)])
  process.once('SIGINT', cancel)
  const listener = await listenForCallback()
  try {
    const publicClient = loopbackClient(request.scope ?? DEFAULT_SCOPE, listener.redirectUri)
    const client = request.workspace.client(publicClient, network)
    const { url, state } = await client.start(request.input, { signal })
    await showUrl(url, request)
    request.terminal.printError(`Waiting for the browser for at most ${waitS} s. Press Ctrl-C to cancel.`)
    const callback = await listener.waitFor(state, signal)
    if (callback)
      return await finish(callback, { request, client, signIn: { client: publicClient, network } })
  } catch (error) {
    if (!signal.aborted || error instanceof AtprotoAuthError) throw error
  } finally {
    process.off('SIGINT', cancel)
    listener.close()
  }
  return cancelled.signal.aborted ? reportCancelled(request.terminal) : reportTimeout(request.terminal, waitS)
}

function readSeconds(text: string | undefined): number {
  if (text === undefined) return DEFAULT_WAIT_S
  const seconds = Number(text)
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= MAX_WAIT_S) return seconds
  throw new UsageError(`--timeout must be a whole number of seconds from 1 to ${MAX_WAIT_S}.`)
}

async function showUrl(url: URL, { flags, terminal }: LoginRequest): Promise<void> {
  const isOpened = !flags['no-browser'] && (await openBrowser(url, terminal.env))
  terminal.printError(
    isOpened
      ? 'Continue in your browser. If it did not open, open this address in a browser on this machine:'
      : 'Open this address in a browser on this machine (for a browser on another machine, use --two-phase):',
  )
  terminal.printError(url.href)
}

interface Finish {
  readonly request: LoginRequest
  readonly client: OAuthClient
  readonly signIn: Pick<PendingSignIn, 'client' | 'network'>
}

async function finish(callback: Callback, { request, client, signIn }: Finish): Promise<number> {
  const { workspace, terminal, flags } = request
  try {
    const { session } = await client.callback(callback.params)
    const account = await saveAccount(session, signIn, workspace)
    await callback.respond(200, {
      title: 'Signed in',
      text: `The command line is signed in as ${nameOf(account)}. You can close this page.`,
    })
    await reportSignIn(account, session, { workspace, terminal, flags })
    return exitCode.ok
  } catch (error) {
    // Without the reason, which may be text of a server. The terminal shows it.
    const text = 'You were not signed in. The terminal shows the reason. You can close this page.'
    await callback.respond(400, { title: 'Sign-in failed', text })
    throw error
  }
}

function reportCancelled(terminal: Terminal): number {
  terminal.printError('Cancelled. You were not signed in.')
  return exitCode.cancelled
}

function reportTimeout(terminal: Terminal, waitS: number): number {
  terminal.printError(`The browser did not return within ${waitS} s. Run login again. [timeout]`)
  return exitCode.tryLater
}
