/** Host names of strangers are looked up without a thread, so that slow ones keep no other name waiting. */
import type { LookupAddress } from 'node:dns'
import { describe, expect, it } from 'vitest'
import type { Lookup } from '../../../lib/net/checked-lookup.ts'
import { createHostLookup } from '../../../lib/net/host-lookup.ts'
import { closedNameServer, dnsAnswer, startNameServer } from '../../support/unit/name-server.ts'

const A = 1
const AAAA = 28
const V4 = [93, 184, 216, 34]
const V6 = [0x26, 0x06, 0x47, 0, ...Array<number>(11).fill(0), 1]

const typeOf = (question: Buffer) => question.readUInt16BE(question.indexOf(0, 12) + 1)
const nameOf = (question: Buffer) => question.subarray(13, question.indexOf(0, 12)).toString('latin1')

/** The question as an answer with that address. */
function answerWith(question: Buffer, address: readonly number[]): Buffer {
  const empty = dnsAnswer(question, 0)
  empty.writeUInt16BE(1, 6)
  const head = [0xc0, 12, 0, typeOf(question), 0, 1, 0, 0, 0, 0, 0, address.length]
  return Buffer.concat([empty, Buffer.from([...head, ...address])])
}

function createLookUp(server: string, isTrusted = false) {
  const lookup = createHostLookup({ isTrusted: () => isTrusted, servers: [server] })
  return (hostname: string) => lookUpWith(lookup, hostname)
}

function lookUp(server: string, hostname: string, isTrusted = false): Promise<LookupAddress[]> {
  return createLookUp(server, isTrusted)(hostname)
}

function lookUpWith(lookup: Lookup, hostname: string): Promise<LookupAddress[]> {
  return new Promise((resolve, reject) => {
    lookup(hostname, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)))
  })
}

describe('the look-up of a host name', () => {
  it('gives all addresses', async () => {
    const server = await startNameServer((question) => answerWith(question, typeOf(question) === A ? V4 : V6))
    expect(await lookUp(server, 'pds.host.dev')).toEqual([
      { address: '93.184.216.34', family: 4 },
      { address: '2606:4700::1', family: 6 },
    ])
  })

  it.each([
    ['A', A, { address: '93.184.216.34', family: 4 }],
    ['AAAA', AAAA, { address: '2606:4700::1', family: 6 }],
  ])('gives what there is when only %s has an answer', async (_, type, address) => {
    const server = await startNameServer((question) =>
      typeOf(question) === type ? answerWith(question, type === A ? V4 : V6) : dnsAnswer(question, 2),
    )
    expect(await lookUp(server, 'pds.host.dev')).toEqual([address])
  })

  it.each([0, 3])(
    'says ENOTFOUND, as the system does, when there is no address (status %d)',
    async (status) => {
      const server = await startNameServer((question) => dnsAnswer(question, status))
      await expect(lookUp(server, 'pds.host.dev')).rejects.toMatchObject({
        code: 'ENOTFOUND',
        hostname: 'pds.host.dev',
        syscall: 'getaddrinfo',
      })
    },
  )

  it.each([2, 5])('says EAI_AGAIN when the name server fails (status %d)', async (status) => {
    const server = await startNameServer((question) => dnsAnswer(question, status))
    await expect(lookUp(server, 'pds.host.dev')).rejects.toMatchObject({ code: 'EAI_AGAIN' })
  })

  it('asks the system for a name that the operator vouches for, and where there is no name server', async () => {
    const server = await startNameServer((question) => dnsAnswer(question, 3))
    expect((await lookUp(server, 'localhost', true)).length).toBeGreaterThan(0)
    expect((await lookUp(await closedNameServer(), 'localhost')).length).toBeGreaterThan(0)
  })

  it('asks the system where the name servers stay silent, until they have answered once', async () => {
    let isSilent = true
    const server = await startNameServer((question) => (isSilent ? undefined : dnsAnswer(question, 3)))
    const look = createLookUp(server)
    expect((await look('localhost')).length).toBeGreaterThan(0)
    isSilent = false
    await expect(look('localhost')).rejects.toMatchObject({ code: 'ENOTFOUND' })
    isSilent = true
    await expect(look('localhost')).rejects.toMatchObject({ code: 'EAI_AGAIN' })
  }, 15_000)

  it('asks the system where a name server was not there at first, and stays silent since', async () => {
    const address = await closedNameServer()
    const look = createLookUp(address)
    expect((await look('localhost')).length).toBeGreaterThan(0)
    await startNameServer(() => undefined, Number(address.split(':')[1]))
    expect((await look('localhost')).length).toBeGreaterThan(0)
  }, 15_000)

  it('N11 of a name is not held up by sixty names whose name servers are silent', async () => {
    const server = await startNameServer((question) =>
      nameOf(question).includes('silent')
        ? undefined
        : answerWith(question, typeOf(question) === A ? V4 : V6),
    )
    const look = createLookUp(server)
    const silent = Promise.allSettled(Array.from({ length: 60 }, (_, n) => look(`silent-${n}.host.dev`)))
    const isFirst = await Promise.race([look('pds.host.dev').then(() => true), silent.then(() => false)])
    expect(isFirst).toBe(true)
    expect(new Set((await silent).map(({ status }) => status))).toEqual(new Set(['rejected']))
  }, 15_000)
})
