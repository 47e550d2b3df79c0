/**
 * `npm run demo`: the whole thing on one machine, without internet. Starts the local network on fixed
 * ports, builds the app, runs it in production mode and waits for Ctrl-C.
 *
 * Ports: PLC directory 2582, PDS 1 2583, PDS 2 2584, handle resolver 2585, AppView 2586 (or five from NETWORK_PORT on),
 * app 3000 (or APP_PORT).
 */
import { appendFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AppFailedError, type AppServer, buildApp, startApp } from '../../tests/support/network/app-server.ts'
import { startAppView } from '../../tests/support/network/app-view.ts'
import { closeServer, listenOnLoopback, PortTakenError } from '../../tests/support/network/loopback-server.ts'
import type { NetworkPorts } from '../../tests/support/network/network.ts'
import { createProgress, printWelcome } from './console.ts'

interface DemoPorts {
  readonly network: NetworkPorts
  readonly appView: number
  readonly app: number
}

const MAX_PORT = 65_535

/** Something the person at the keyboard can put right; printed without a stack. */
class DemoError extends Error {}

process.exitCode = await main()
// Whatever a library may have left open must not hold the terminal.
process.exit()

async function main(): Promise<number> {
  const interruption = listenForSignals()
  const started = new AsyncDisposableStack()
  try {
    const app = await start(started, interruption)
    await waitForEnd(app, interruption)
    return 0
  } catch (error) {
    if (interruption.aborted) return 0
    report(error)
    return 1
  } finally {
    await started.disposeAsync()
  }
}

/** Aborts on the first signal; a second one leaves at once, for when stopping hangs. */
function listenForSignals(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130)
      console.log('Stopping …')
      controller.abort()
    })
  }
  return controller.signal
}

async function start(started: AsyncDisposableStack, signal: AbortSignal): Promise<AppServer> {
  const print = createProgress()
  // Each step is also a moment at which an interrupted start can end.
  const progress = (step: string) => {
    signal.throwIfAborted()
    print(step)
  }
  const ports = readPorts(process.env)
  progress('Checking the ports')
  await checkPorts(ports)

  progress('Loading the servers of the network')
  // Loaded late, because it takes a second or two and the first lines should not wait for it.
  const { startNetwork } = await import('../../tests/support/network/network.ts')
  const network = await startNetwork({ ports: ports.network, onProgress: progress })
  started.defer(() => network.stop())
  const appView = started.use(await startAppView(ports.appView, Object.values(network.accounts)))

  const dataFolder = await mkdtemp(join(tmpdir(), 'atproto-demo-'))
  started.defer(() => rm(dataFolder, { recursive: true, force: true, maxRetries: 3 }))

  progress('Building the app (next build; this takes longest)')
  await buildApp({ signal })
  progress('Starting the app (next start)')
  const env = {
    PUBLIC_URL: `http://127.0.0.1:${ports.app}`,
    DEMO_NETWORK: JSON.stringify(network.localNetwork),
    APPVIEW: appView.service,
    ATPROTO_DATA_DIR: dataFolder,
  }
  const logFile = join(dataFolder, 'app.log')
  const onOutput = (text: string) => appendFileSync(logFile, text)
  const app = await startApp({ port: ports.app, env, signal, onOutput })
  started.defer(() => app.stop())
  await checkHomePage(app)
  progress('Ready')
  printWelcome(app.url, network, logFile)
  return app
}

function readPorts({ APP_PORT = '3000', NETWORK_PORT = '2582' }: NodeJS.ProcessEnv): DemoPorts {
  const app = parsePort('APP_PORT', APP_PORT)
  const first = parsePort('NETWORK_PORT', NETWORK_PORT)
  const [plc, pds1, pds2, resolver, appView] = [first, first + 1, first + 2, first + 3, first + 4]
  if (appView > MAX_PORT)
    throw new DemoError(`NETWORK_PORT is the first of five ports, ${first} is too high.`)
  if (app >= first && app <= appView) {
    throw new DemoError(`APP_PORT ${app} is one that the demo's network uses. Choose another one.`)
  }
  return { network: { plc, pds1, pds2, resolver }, appView, app }
}

function parsePort(variable: string, text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port > 0 && port <= MAX_PORT) return port
  throw new DemoError(`${variable} must be a port number from 1 to ${MAX_PORT}, got "${text}".`)
}

/** Before the build: nobody should wait half a minute to learn that a port is taken. */
async function checkPorts(ports: DemoPorts): Promise<void> {
  const { network, appView, app } = ports
  const wanted = {
    'the PLC directory': network.plc,
    'the first PDS': network.pds1,
    'the second PDS': network.pds2,
    'the handle resolver': network.resolver,
    'the AppView': appView,
    'the app': app,
  }
  for (const [who, port] of Object.entries(wanted)) {
    try {
      await closeServer(await listenOnLoopback(port))
    } catch (error) {
      if (!(error instanceof PortTakenError)) throw error
      throw new DemoError(explainTakenPort(port, who, ports), { cause: error })
    }
  }
}

function explainTakenPort(port: number, who: string, { network, app }: DemoPorts): string {
  return [
    `Port ${port} is taken by another program; ${who} wants it.`,
    `Is another demo still running? This shows what holds the port:  lsof -i :${port}   (or: ss -ltnp)`,
    port === app
      ? `Or use another port for the app:  APP_PORT=${app + 1} npm run demo`
      : `Or use five other ports for the network:  NETWORK_PORT=${network.plc + 10} npm run demo`,
  ].join('\n')
}

/** The first request also loads the page's code, so that the person's own first look is quick. */
async function checkHomePage(app: AppServer): Promise<void> {
  const response = await fetch(app.url)
  if (response.status < 500) return
  throw new AppFailedError(`The app answers its home page with status ${response.status}.`, app.output())
}

async function waitForEnd(app: AppServer, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  const interrupted = new Promise<'interrupted'>((resolve) => {
    signal.addEventListener('abort', () => resolve('interrupted'), { once: true })
  })
  const end = await Promise.race([interrupted, app.exited])
  if (end === 'interrupted') return
  throw new AppFailedError(`The app ended by itself (exit code ${end ?? 'none: killed'}).`, app.output())
}

function report(error: unknown): void {
  if (error instanceof AppFailedError) console.error(`${error.output.trimEnd()}\n\n${error.message}`)
  else if (error instanceof DemoError) console.error(error.message)
  else console.error(error)
}
