import { describe, expect, it } from 'vitest'
import { networkSchema, readNetwork } from '../../../../lib/cli/workspace/network-options.ts'

describe('readNetwork', () => {
  it('is the public network by default', () => {
    expect(readNetwork({})).toEqual({ allowHttp: false })
  })

  it('takes hosts that may be at private addresses, and a proxy', () => {
    const flags = { 'private-host': ['pds.lan', 'as.lan'], 'http-proxy': 'http://user:pass@proxy:3128' }
    expect(readNetwork(flags)).toMatchObject({
      privateHosts: ['as.lan', 'pds.lan'],
      proxy: 'http://user:pass@proxy:3128',
    })
  })

  it.each(['*.lan', '10.0.0.1', 'https://pds.lan', 'PDS.lan', 'a.onion', ''])(
    'SF-1 takes no private host %j',
    (name) => {
      expect(() => readNetwork({ 'private-host': [name] })).toThrow(
        /^--private-host must be a full host name in lower case, such as pds\.example\.com: no scheme, port/,
      )
    },
  )

  it.each(['proxy:3128', 'socks5://proxy', 'http://proxy/path', ''])('takes no proxy %j', (url) => {
    expect(() => readNetwork({ 'http-proxy': url })).toThrow(
      /^--http-proxy must be the http or https address of a proxy, .* with special characters of the credentials/,
    )
  })

  it('reads what earlier versions stored', () => {
    expect(networkSchema.parse({ allowHttp: true })).toEqual({ allowHttp: true })
  })
})
