/** Signing in with a browser on this machine: it comes back to a listener of this process. */
import { AtprotoAuthError } from '../../errors.ts'
import type { OAuthClient } from '../../oauth/client.ts'
import { nameOf } from '../session/signed-in.ts'
import { type Terminal, UsageError } from '../terminal/command.ts'
import { exitCode } from '../terminal/exit-codes.ts'
import { openBrowser } from '../terminal/open-browser.ts'
import { loopbackClient } from '../workspace/public-clients.ts'
import type { SignIn } from '../workspace/sign-in-rows.ts'
import { type Arrival, listenForCallback } from './callback-listener.ts'
import { keepAccount, reportSignIn } from './finish-sign-in.ts'
import type { LoginCall } from './login-options.ts'

const DEFAULT_SCOPE = 'atproto'
const DEFAULT_WAIT_S = 300
const MAX_WAIT_S = 3_600

/**
 * Signs in, and waits for it.
 *
 * @returns the exit code
 * @throws what `OAuthClient.start` and `callback` throw
 */
export async function signInHere(call: LoginCall): Promise<number> {
  const waitS = readSeconds(call.flags.timeout)
  const { network } = call
  const cancelled = new AbortController()
  const cancel = () => cancelled.abort()
  const signal = AbortSignal.any([cancelled.signal, AbortSignal.timeout(waitS * 1000)])
  process.once('SIGINT', cancel)
  const listener = await listenForCallback()
  try {
    const publicClient = loopbackClient(call.scope ?? DEFAULT_SCOPE, listener.redirectUri)
    const client = call.workspace.client(publicClient, network)
    const { url, state } = await client.start(call.input, { signal })
    await sendBrowser(url, call)
    call.terminal.complain(`Waiting for it to come back, at most ${waitS} s. Ctrl-C ends the wait.`)
    const arrival = await listener.waitFor(state, signal)
    if (arrival) return await finish(arrival, { call, client, signIn: { client: publicClient, network } })
  } catch (error) {
    if (!signal.aborted || error instanceof AtprotoAuthError) throw error
  } finally {
    process.off('SIGINT', cancel)
    listener.close()
  }
  return giveUp(call.terminal, cancelled.signal.aborted ? undefined : waitS)
}

function readSeconds(text: string | undefined): number {
  if (text === undefined) return DEFAULT_WAIT_S
  const seconds = Number(text)
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= MAX_WAIT_S) return seconds
  throw new UsageError(`--timeout takes a whole number of seconds, at most ${MAX_WAIT_S}.`)
}

async function sendBrowser(url: URL, { flags, terminal }: LoginCall): Promise<void> {
  const isOpened = !flags['no-browser'] && (await openBrowser(url, terminal.env))
  terminal.complain(
    isOpened
      ? 'Go on in your browser. If none has opened, open this address in one on this machine:'
      : 'Open this address in a browser on this machine (with a browser elsewhere, use --two-phase):',
  )
  terminal.complain(url.href)
}

interface Finish {
  readonly call: LoginCall
  readonly client: OAuthClient
  readonly signIn: Pick<SignIn, 'client' | 'network'>
}

async function finish(arrival: Arrival, { call, client, signIn }: Finish): Promise<number> {
  const { workspace, terminal, flags } = call
  try {
    const { session } = await client.callback(arrival.params)
    const account = await keepAccount(session, signIn, workspace)
    await arrival.respond(200, {
      title: 'Signed in',
      text: `The command line is signed in as ${nameOf(account)}. You can close this page.`,
    })
    await reportSignIn(account, session, { workspace, terminal, flags })
    return exitCode.ok
  } catch (error) {
    // Not the reason itself: it may be a server's text, and the terminal has it.
    const text = 'Nobody was signed in. The terminal says why. You can close this page.'
    await arrival.respond(400, { title: 'Sign-in did not work', text })
    throw error
  }
}

function giveUp(terminal: Terminal, waitS: number | undefined): number {
  if (waitS === undefined) {
    terminal.complain('Cancelled. Nobody was signed in.')
    return exitCode.cancelled
  }
  terminal.complain(`Nobody came back from the browser within ${waitS} s: run login again. [timeout]`)
  return exitCode.tryLater
}
