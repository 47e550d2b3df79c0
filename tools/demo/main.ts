/**
 * `npm run demo`: the whole thing on one machine, without internet. Starts the local network on fixed
 * ports, builds the app, runs it in production mode and waits for Ctrl-C.
 *
 * Ports: PLC directory 2582, PDS 1 2583, PDS 2 2584, handle resolver 2585, AppView 2586, app 3000 (or APP_PORT).
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AppFailedError, type AppServer, buildApp, startApp } from '../../tests/support/network/app-server.ts'
import { startAppView } from '../../tests/support/network/app-view.ts'
import { closeServer, listenOnLoopback, PortTakenError } from '../../tests/support/network/loopback-server.ts'
import { createProgress, printWelcome } from './console.ts'

const networkPorts = { plc: 2582, pds1: 2583, pds2: 2584, resolver: 2585 }
const appViewPort = 2586

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
  const appPort = parsePort(process.env.APP_PORT ?? '3000')
  progress('Checking the ports')
  await checkPorts(appPort)

  progress('Loading the servers of the network')
  // Loaded late, because it takes a second or two and the first lines should not wait for it.
  const { startNetwork } = await import('../../tests/support/network/network.ts')
  const network = await startNetwork({ ports: networkPorts, onProgress: progress })
  started.defer(() => network.stop())
  const appView = started.use(await startAppView(appViewPort, Object.values(network.accounts)))

  const dataFolder = await mkdtemp(join(tmpdir(), 'atproto-demo-'))
  started.defer(() => rm(dataFolder, { recursive: true, force: true, maxRetries: 3 }))

  progress('Building the app (next build; this takes longest)')
  await buildApp({ signal })
  progress('Starting the app (next start)')
  const env = {
    PUBLIC_URL: `http://127.0.0.1:${appPort}`,
    DEMO_NETWORK: JSON.stringify(network.localNetwork),
    APPVIEW: appView.service,
    ATPROTO_DATA_DIR: dataFolder,
  }
  const app = await startApp({ port: appPort, env, signal })
  started.defer(() => app.stop())
  await checkHomePage(app)
  progress('Ready')
  printWelcome(app.url, network)
  return app
}

function parsePort(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port > 0 && port < 65_536) return port
  throw new DemoError(`APP_PORT must be a port number from 1 to 65535, got "${text}".`)
}

/** Before the build: nobody should wait half a minute to learn that a port is taken. */
async function checkPorts(appPort: number): Promise<void> {
  const wanted = {
    'the PLC directory': networkPorts.plc,
    'the first PDS': networkPorts.pds1,
    'the second PDS': networkPorts.pds2,
    'the handle resolver': networkPorts.resolver,
    'the AppView': appViewPort,
    'the app': appPort,
  }
  if ([...Object.values(networkPorts), appViewPort].includes(appPort)) {
    throw new DemoError(`APP_PORT ${appPort} is one that the demo's network uses. Choose another one.`)
  }
  for (const [who, port] of Object.entries(wanted)) {
    try {
      await closeServer(await listenOnLoopback(port))
    } catch (error) {
      if (!(error instanceof PortTakenError)) throw error
      throw new DemoError(explainTakenPort(port, who, appPort), { cause: error })
    }
  }
}

function explainTakenPort(port: number, who: string, appPort: number): string {
  const lines = [
    `Port ${port} is taken by another program; ${who} wants it.`,
    `Is another demo still running? This shows what holds the port:  lsof -i :${port}   (or: ss -ltnp)`,
  ]
  const freely =
    port === appPort ? [`Or use another port for the app:  APP_PORT=${appPort + 1} npm run demo`] : []
  return [...lines, ...freely].join('\n')
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
