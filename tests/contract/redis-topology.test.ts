import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { createCluster } from 'redis'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createRedisStore } from '../../lib/store/redis.ts'
import { endClient } from '../support/contract/end-client.ts'
import { MINUTE_MS, times } from '../support/contract/subject.ts'
import { tempFolder } from '../support/contract/temp-folder.ts'
import { findFreePort } from '../support/network/free-port.ts'
import { createCertificate } from '../support/network/private-ca.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { refusalOf } from '../support/refusal.ts'

/** Two nodes that share the slots. */
async function startCluster(): Promise<readonly [RedisServer, RedisServer]> {
  const start = async () => {
    const busPort = await findFreePort()
    const server = await startRedis('--cluster-enabled', 'yes', '--cluster-port', String(busPort))
    onTestFinished(() => server.stop())
    return { server, busPort }
  }
  const [first, second] = [await start(), await start()]
  await first.server.command('CLUSTER', 'ADDSLOTSRANGE', '0', '8191')
  await second.server.command('CLUSTER', 'ADDSLOTSRANGE', '8192', '16383')
  const { port } = second.server
  // A node that is busy forgets a meeting: it is asked for until each knows the other.
  const meet = () =>
    first.server.command('CLUSTER', 'MEET', '127.0.0.1', String(port), String(second.busPort))
  const ports = [first.server.port, second.server.port]
  for (const { server } of [first, second]) {
    // A client asks a node for its slots: each has to know the other's part.
    const isReady = async () => {
      const slots = String(await server.command('CLUSTER', 'SLOTS'))
      const info = String(await server.command('CLUSTER', 'INFO'))
      return info.includes('cluster_state:ok') && ports.every((port) => slots.includes(String(port)))
    }
    for (let n = 0; !(await isReady()); n++) {
      if (n % 20 === 0) await meet()
      await pause(100)
    }
  }
  return [first.server, second.server]
}

describe('a Redis cluster', () => {
  it('keeps every promise by a cluster client; a URL of one node is told so', async () => {
    const [first] = await startCluster()
    const client = createCluster({ rootNodes: [{ url: first.url }] })
    client.on('error', () => undefined)
    await client.connect()
    onTestFinished(() => endClient(client))
    const store = createRedisStore({ client })
    await times(30, async (n) => {
      await store.set(`key ${n}`, 'one', MINUTE_MS)
      expect(await store.update(`key ${n}`, 'two', 1, MINUTE_MS)).toBe(true)
      expect(await store.take(`key ${n}`)).toBe('two')
      expect(await store.lease(`key ${n}`, 'alice', MINUTE_MS)).toBe(true)
      expect(await store.increment(`key ${n}`, MINUTE_MS)).toBe(1)
      await store.addMember(`key ${n}`, 'member', MINUTE_MS)
      expect(await store.members(`key ${n}`)).toEqual(['member'])
    })

    const single = createRedisStore({ url: first.url })
    onTestFinished(() => single.close())
    const outcomes = await times(30, (n) => single.get(`key ${n}`).catch((error: unknown) => error))
    expect(outcomes).toContainEqual(
      expect.objectContaining({
        code: 'store_unavailable',
        message: expect.stringContaining('cluster client'),
      }),
    )
  }, 30_000)
})

describe('a Redis over TLS', () => {
  it('is served at rediss:// when its certificate is good, and refused when it is not', async () => {
    const folder = tempFolder()
    const { ca } = await createCertificate('localhost', folder)
    const tlsPort = await findFreePort()
    const files = [
      '--tls-cert-file',
      'server.pem',
      '--tls-key-file',
      'server.key',
      '--tls-ca-cert-file',
      'ca.pem',
    ]
    const inFolder = files.map((word) => (word.startsWith('--') ? word : join(folder, word)))
    const redis = await startRedis('--tls-port', String(tlsPort), '--tls-auth-clients', 'no', ...inFolder)
    onTestFinished(() => redis.stop())

    const url = `rediss://localhost:${tlsPort}`
    const distrustful = createRedisStore({ url })
    onTestFinished(() => distrustful.close())
    expect(await refusalOf(distrustful.get('key'))).toMatchObject({ code: 'store_unavailable' })

    const trusted = getCACertificates()
    onTestFinished(() => setDefaultCACertificates(trusted))
    setDefaultCACertificates([...trusted, ca])
    const store = createRedisStore({ url })
    onTestFinished(() => store.close())
    await store.set('key', 'value', MINUTE_MS)
    expect(await store.take('key')).toBe('value')
  }, 30_000)
})
