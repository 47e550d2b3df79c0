/** The guarded fetch of production with hosts that may be at private addresses, on a DNS that answers what the test wants. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Lookup } from '../../../lib/net/checked-lookup.ts'
import { createGuardedFetch } from '../../../lib/net/guarded-fetch.ts'
import { closeServer, listenOnLoopback, portOf } from '../../support/network/loopback-server.ts'
import { createCertificate } from '../../support/network/private-ca.ts'
import { recordConnectionAttempts } from '../../support/unit/connection-attempts.ts'
import { serve } from '../../support/unit/serve.ts'

const privateHosts = ['pds.example.com', 'pds.lan']

/** A DNS that gives its answers in turn, the last one again and again. */
function answering(...answers: readonly (readonly string[])[]): Lookup {
  const left = [...answers]
  return (_name, _options, callback) => {
    const addresses = (left.length > 1 ? left.shift() : left[0]) ?? []
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }
}

const resolvingTo = (...answers: readonly (readonly string[])[]) =>
  createGuardedFetch({ privateHosts, lookup: answering(...answers) })

describe('a guarded fetch with privateHosts', () => {
  it.each(['https://pds.example.com', 'https://pds.lan:8443'])(
    'connects to the private address of a named host: %s',
    async (url) => {
      const attempts = recordConnectionAttempts()
      const leaving = new AbortController()
      const request = resolvingTo(['192.168.1.10'])(url, { kind: 'discovery', signal: leaving.signal })
      request.catch(() => undefined)
      await vi.waitFor(() => expect(attempts).toEqual(['192.168.1.10']))
      leaving.abort()
      await expect(request).rejects.toThrow()
    },
  )

  it.each([
    ['this machine', ['127.0.0.1']],
    ['this machine by a mapped address', ['::ffff:127.0.0.1']],
    ['this machine, beside a private address', ['192.168.1.10', '127.0.0.1']],
    ['cloud metadata', ['169.254.169.254']],
    ['cloud metadata at a unique local address', ['fd00:ec2::254']],
    ['a private address behind NAT64', ['64:ff9b::c0a8:10a']],
  ])('SF-1 opens no connection when a named host resolves to %s', async (_where, addresses) => {
    const attempts = recordConnectionAttempts()
    const server = await serve((_request, response) => response.end('secret'))
    const url = `https://pds.example.com:${server.port}/`
    for (const kind of ['discovery', 'token', 'resource'] as const) {
      await expect(resolvingTo(addresses)(url, { kind })).rejects.toMatchObject({ code: 'blocked_address' })
    }
    expect([server.connections(), attempts]).toEqual([0, []])
  })

  it.each([
    'https://a.pds.lan',
    'https://pds.lan.',
    'https://other.lan',
    'http://pds.lan',
    'http://pds.example.com',
  ])('SF-1 opens no connection for %s', async (url) => {
    const attempts = recordConnectionAttempts()
    const request = resolvingTo(['192.168.1.10'])(url, { kind: 'discovery' })
    await expect(request).rejects.toMatchObject({ code: 'blocked_address' })
    expect(attempts).toEqual([])
  })

  it('SF-1 opens no connection for a public name that turns to a private address, whatever is named', async () => {
    const attempts = recordConnectionAttempts()
    const request = resolvingTo(['192.168.1.10'])('https://evil.host.dev', { kind: 'discovery' })
    await expect(request).rejects.toMatchObject({ code: 'blocked_address' })
    expect(attempts).toEqual([])
  })

  it('N4 judges each connection: a named host that turns to loopback is refused', async () => {
    const server = await serve((_request, response) => response.end('secret'))
    const lookup = answering(['127.0.0.1', '10.0.0.1'], ['127.0.0.1'])
    const guarded = createGuardedFetch({ privateHosts, lookup })
    for (let turn = 0; turn < 3; turn += 1) {
      const request = guarded(`https://pds.example.com:${server.port}/`, { kind: 'token' })
      await expect(request).rejects.toMatchObject({ code: 'blocked_address' })
    }
    expect(server.connections()).toBe(0)
  })

  it('shows no address in its error', async () => {
    const request = resolvingTo(['192.168.77.10'])('https://evil.host.dev', { kind: 'discovery' })
    await expect(request).rejects.toThrow(expect.not.objectContaining({ message: /77/ }))
  })
})

describe('a kept connection', () => {
  it('of a named host is used for no other name, although both are at the same address', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'private-hosts-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const { ca, cert, key } = await createCertificate('pds.lan', folder)
    const asked: string[] = []
    const server = createServer({ cert, key }, (request, response) => {
      asked.push(request.headers.host ?? '')
      response.end('ok')
    })
    await listenOnLoopback(0, server)
    onTestFinished(() => closeServer(server))
    const guarded = createGuardedFetch({
      localNetwork: { ca },
      privateHosts,
      lookup: answering(['127.0.0.1']),
    })
    const [named, other] = [`pds.lan:${portOf(server)}`, `other.lan:${portOf(server)}`]
    expect(await (await guarded(`https://${named}/`, { kind: 'discovery' })).text()).toBe('ok')
    // The certificate is that of the named host, so a connection of its own fails.
    await expect(guarded(`https://${other}/`, { kind: 'discovery' })).rejects.toMatchObject({
      code: 'network_error',
    })
    expect(asked).toEqual([named])
  })
})
