import { describe, expect, it } from 'vitest'
import { clientNetwork, platformClientAddress } from '../../../../lib/next/limits/client-address.ts'

describe('platformClientAddress', () => {
  const hosts = [
    ['VERCEL', 'x-vercel-forwarded-for'],
    ['NETLIFY', 'x-nf-client-connection-ip'],
    ['CF_PAGES', 'cf-connecting-ip'],
    ['FLY_APP_NAME', 'fly-client-ip'],
  ] as const
  /** What anybody can send, each header with an address of its own. */
  const claims = new Headers(
    [
      'x-forwarded-for',
      'x-real-ip',
      'forwarded',
      'true-client-ip',
      'x-client-ip',
      'x-cluster-client-ip',
      ...hosts.map(([, header]) => header),
    ].map((name, at) => [name, `192.0.2.${at}`]),
  )

  it.each(hosts)('on %s reads %s and no other header', (variable, header) => {
    const addressOf = platformClientAddress({ [variable]: '1' })
    expect(addressOf({ headers: claims })).toBe(claims.get(header))
    expect(addressOf({ headers: new Headers({ 'x-forwarded-for': '192.0.2.1' }) })).toBeUndefined()
  })

  it.each([{}, { RENDER: 'true' }, { VERCEL: '' }])(
    'SF-5 believes no header where no such host writes it: %o',
    (env) => {
      expect(platformClientAddress(env)({ headers: claims })).toBeUndefined()
    },
  )

  it('believes none in development, where a host’s variables may have been copied', () => {
    const env = { VERCEL: '1', NODE_ENV: 'development' }
    expect(platformClientAddress(env)({ headers: claims })).toBeUndefined()
  })
})

describe('clientNetwork', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    [' 192.0.2.7 ', '192.0.2.7'],
    ['192.0.2.7:51234', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:c000:0207', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002:ffff::1', '2001:db8:1:2::/64'],
    ['[2001:db8:1:2::9]:51234', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('counts %s as %s', (address, network) => {
    expect(clientNetwork(address)).toBe(network)
  })

  it.each([
    '',
    'unknown',
    '192.0.2.7, 192.0.2.8',
    '192.0.2',
    '192.0.2.256',
    '1::2::3',
    'alice.test',
    '[192.0.2.7',
  ])('gives nothing for %j, which is no single address', (text) => {
    expect(clientNetwork(text)).toBeUndefined()
  })
})
