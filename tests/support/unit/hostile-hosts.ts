/** Hosts that no stranger may send this server to, and the DNS that leads public names there. */
import type { Lookup } from '../../../lib/net/checked-lookup.ts'

/** Addresses as URLs hold them, in every spelling that some parser takes. */
const literals = [
  ...['127.0.0.1', '127.1', '2130706433', '0x7f000001', '0177.0.0.1', '0', '0.0.0.0', '127.0.0.1.'],
  ...['10.0.0.1', '10.1', '172.16.0.1', '192.168.1.1', '169.254.169.254', '0xA9FEA9FE', '100.64.0.1'],
  ...['100.100.100.200', '168.63.129.16', '192.0.0.192', '198.18.0.1', '224.0.0.1', '255.255.255.255'],
  ...['[::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::127.0.0.1]', '[64:ff9b::7f00:1]'],
  ...['[64:ff9b:1::a00:1]', '[2002:7f00:1::]', '[2001:0:4136:e378:8000:63bf:3fff:fdd2]', '[fe80::1]'],
  ...['[fec0::1]', '[fd00:ec2::254]', '[fe80::1%25eth0]', '①②⑦.0.0.1', '127。0。0。1'],
]
const reserved = [
  ...['localhost', 'localhost.', 'a.localhost', 'intranet', 'metadata.google.internal', 'printer.local'],
  ...['router.lan', 'a.home.arpa', 'a.onion', 'a.example', 'a.test', 'a.invalid'],
]
/** What a name of an attacker's resolves to: one set for each name. */
const inside: readonly (readonly string[])[] = [
  ...[
    ['127.0.0.1'],
    ['::1'],
    ['10.0.0.1'],
    ['172.16.0.1'],
    ['192.168.1.1'],
    ['169.254.169.254'],
    ['0.0.0.0'],
  ],
  ...[
    ['100.64.0.1'],
    ['::ffff:127.0.0.1'],
    ['64:ff9b::7f00:1'],
    ['fd00:ec2::254'],
    ['fe80::1'],
    ['192.0.0.192'],
  ],
  ...[['168.63.129.16'], ['1.1.1.1', '127.0.0.1'], ['127.0.0.1', '1.1.1.1'], ['2606:4700::1111', '::1']],
]
const leading = inside.map((_addresses, index) => `inside${index}.evil.dev`)

export const hostileHosts: readonly string[] = [...literals, ...reserved, ...leading]

/** Leads each of those names where it is meant to lead. It cannot look up `closed`, and knows no other name. */
export const hostileLookup: Lookup = (hostname, _options, callback) => {
  if (hostname === 'closed.evil.dev') {
    callback(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }), [])
    return
  }
  const addresses = inside[leading.indexOf(hostname)]
  if (!addresses) {
    callback(Object.assign(new Error('not found'), { code: 'ENOTFOUND' }), [])
    return
  }
  callback(
    null,
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
  )
}
