import { describe, expect, it } from 'vitest'
import { AtprotoAuthError } from '../../../lib/errors.ts'
import { createResolveTxt, isNoRecord, limitTxt } from '../../../lib/net/dns.ts'
import { dnsAnswer as answer, closedNameServer, startNameServer } from '../../support/unit/name-server.ts'

describe('createResolveTxt', () => {
  it('ID-3 gives each record with its strings joined', async () => {
    const server = await startNameServer((question) => answer(question, 0, ['did=did:plc:', 'x'], ['v=spf1']))
    expect(await createResolveTxt([server])('_atproto.host.dev')).toEqual(['did=did:plc:x', 'v=spf1'])
  })

  it.each([0, 3])('gives nothing when the name has none (status %d)', async (status) => {
    const server = await startNameServer((question) => answer(question, status))
    expect(await createResolveTxt([server])('_atproto.host.dev')).toEqual([])
  })

  it.each([2, 5])('N9 does not take the failure %d for an absent record', async (status) => {
    const server = await startNameServer((question) => answer(question, status))
    await expect(createResolveTxt([server])('_atproto.host.dev')).rejects.toMatchObject({
      code: 'network_error',
    })
  })

  it('N9 does not take a name server that is not there for an absent record', async () => {
    const request = createResolveTxt([await closedNameServer()])('_atproto.host.dev')
    await expect(request).rejects.toMatchObject({ code: 'network_error' })
  })

  it('N9 gives up after two seconds however many name servers are silent', async () => {
    const servers = await Promise.all([1, 2, 3].map(() => startNameServer(() => undefined)))
    const begun = performance.now()
    await expect(createResolveTxt(servers)('_atproto.host.dev')).rejects.toMatchObject({
      code: 'network_error',
    })
    expect(performance.now() - begun).toBeLessThan(2_500)
  })
})

describe('limitTxt', () => {
  it('N9 gives up after two seconds on a resolver that never answers', async () => {
    const begun = performance.now()
    const request = limitTxt(() => new Promise(() => {}))('host.dev')
    await expect(request).rejects.toMatchObject({ code: 'timeout' })
    expect(performance.now() - begun).toBeLessThan(2_500)
  })

  it('passes answers and failures on', async () => {
    expect(await limitTxt(async () => ['x'])('host.dev')).toEqual(['x'])
    const error = new AtprotoAuthError('network_error', 'down')
    await expect(limitTxt(() => Promise.reject(error))('host.dev')).rejects.toBe(error)
  })
})

describe('isNoRecord', () => {
  const rejection = (code: string) => Object.assign(new Error(code), { code })

  it.each(['ENODATA', 'ENOTFOUND'])('takes %s for a definite no', (code) => {
    expect(isNoRecord(rejection(code))).toBe(true)
  })

  const failures = [
    'ESERVFAIL',
    'EREFUSED',
    'ETIMEOUT',
    'ECONNREFUSED',
    'ECANCELLED',
    'EFORMERR',
    'EAI_AGAIN',
  ]
  it.each(failures)('N9 takes %s for no answer', (code) => {
    expect(isNoRecord(rejection(code))).toBe(false)
  })

  it.each([new Error('no code'), { code: 'ENOTFOUND' }, 'ENOTFOUND', undefined])(
    'takes %o for no answer',
    (error) => {
      expect(isNoRecord(error)).toBe(false)
    },
  )
})
