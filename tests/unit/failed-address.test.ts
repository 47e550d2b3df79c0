import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { addressInError, addressInUrl } from '../../lib/failed-address.ts'
import { findFreePort } from '../support/network/free-port.ts'

async function failureOf(host: string, port: number): Promise<unknown> {
  const [error] = await once(connect({ host, port }), 'error').catch((thrown: unknown) => [thrown])
  return error
}

describe('addressInError', () => {
  it('is what could not be connected to, also below other errors and among several attempts', async () => {
    const port = await findFreePort()
    const refused = await failureOf('127.0.0.1', port)
    expect(addressInError(refused)).toBe(`127.0.0.1:${port}`)
    expect(addressInError(new Error('fetch failed', { cause: refused }))).toBe(`127.0.0.1:${port}`)
    expect(addressInError(new AggregateError([refused, refused]))).toBe(`127.0.0.1:${port}`)
    expect(addressInError(await failureOf('::1', port))).toBe(`[::1]:${port}`)
  })

  it('is the name that could not be looked up', async () => {
    expect(addressInError(await failureOf('database.invalid', 5432))).toBe('database.invalid')
  })

  it('is neither the socket of a path, nor the name that a DNS server was asked for, nor odd text', () => {
    const withFacts = (facts: object) => Object.assign(new Error('x'), facts)
    for (const facts of [
      { code: 'ENOENT', syscall: 'connect', address: '/run/secret-canary.sock' },
      { code: 'ECONNREFUSED', syscall: 'queryTxt', hostname: '_atproto.alice.test' },
      { code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname: 'a b\n[forged]' },
      { code: 'ECONNREFUSED', syscall: 'connect', address: 'user:pw@host', port: 1 },
      {},
    ])
      expect(addressInError(withFacts(facts))).toBeUndefined()
    expect(addressInError('text')).toBeUndefined()
  })

  it('comes to an end with an error that is its own cause', () => {
    const error = new Error('x')
    error.cause = error
    expect(addressInError(error)).toBeUndefined()
  })
})

describe('addressInUrl', () => {
  it.each([
    ['redis://user:password@redis.internal:6380/7', 'redis.internal:6380'],
    ['redis://redis.internal', 'redis.internal:6379'],
    ['redis://:p%40ss@[::1]', '[::1]:6379'],
  ])('is host and port: %s', (url, address) => {
    expect(addressInUrl(url, 6379)).toBe(address)
  })

  it.each([
    // What stands before such a character is read as the host: here a user and the beginning of a password.
    'redis://user:12#3@redis.internal',
    'redis://user:12/3@redis.internal',
    'redis://user:12?3@redis.internal',
    // Another host is meant.
    'postgres://redis.internal/db?host=other.internal',
    'postgres:///db',
    'no URL',
  ])('is unknown for %s', (url) => {
    expect(addressInUrl(url, 6379)).toBeUndefined()
  })
})
