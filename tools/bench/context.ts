/** What a measure works with: networks, workers and folders, which end with it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCertificate } from '../../tests/support/network/private-ca.ts'
import type { Context } from './measure.ts'
import { startBenchNetwork } from './network/network.ts'
import { startWorker } from './work/worker.ts'

/** The name under which clients know the servers; `.internal`, which no one else can have. */
const HOST = 'servers.bench.internal'
const HOUR_MS = 3_600_000

export interface ContextOptions {
  readonly measure: string
  readonly isQuick: boolean
}

/** @param ended disposes of all that the measure starts */
export function createContext({ measure, isQuick }: ContextOptions, ended: AsyncDisposableStack): Context {
  let certificate: ReturnType<typeof createCertificate> | undefined
  const folder = async () => {
    const path = await mkdtemp(join(tmpdir(), 'atproto-bench-'))
    ended.defer(() => rm(path, { recursive: true, force: true }))
    return path
  }
  return {
    isQuick,
    repeat: (real, quick) => (isQuick ? quick : real),
    folder,
    use: (resource) => ended.use(resource),
    say: (text) => void process.stderr.write(`${measure}: ${text}\n`),
    async network({ lifetimeMs = HOUR_MS, isTls = false, latencyMs = 0 } = {}) {
      if (isTls) certificate ??= createCertificate(HOST, await folder())
      const tls = isTls && (await certificate)
      const network = await startBenchNetwork({
        lifetimeMs,
        tls: tls ? { host: HOST, cert: tls.cert, key: tls.key } : undefined,
      })
      ended.defer(() => network.stop())
      await network.delay(latencyMs)
      return network
    },
    async worker({ client, network: { servers }, place = { kind: 'memory' }, isCounting = false }) {
      const trust = certificate && { host: HOST, ca: (await certificate).ca }
      const worker = await startWorker({ client, servers, place, isCounting, trust })
      ended.defer(() => worker.stop())
      return worker
    },
  }
}
