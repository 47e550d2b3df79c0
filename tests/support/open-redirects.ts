/**
 * What is tried on parameters that say where to go afterwards: the families of the public lists (slashes and
 * backslashes, dot segments, schemes, userinfo, addresses as numbers, letters that look like slashes, what browsers leave
 * out), combined with each other.
 */

/** The host that must not be reached; it exists nowhere. */
export const EVIL = 'evil.test'

const leads = [
  ...['//', '///', '////', '/\\', '\\\\', '\\/', '/\\/', '//\\', '/\\\\', '\\'],
  ...['/\t/', '/\n/', '/\r\n/', '\t//', ' //', '\u0000//', '/\t\\', '\u00a0//', '\ufeff//'],
  ...[
    '/.//',
    '/..//',
    '/./\\',
    '/%2e//',
    '/%2E%2e//',
    '/x/..//',
    '/x/../..//',
    '/.///',
    './/',
    '/;//',
    '/.\t//',
  ],
  ...[
    'https://',
    'http://',
    'HTTPS://',
    'https:',
    'https:/',
    'https:///',
    'https:\\\\',
    'ht\ntps://',
    '//https://',
  ],
  ...[
    '/https://',
    '/%2f',
    '/%2f%2f',
    '/%5c',
    '/%09/',
    '/%0d%0a/',
    '%2f%2f',
    '/%252f%252f',
    '//%5c',
    '//%09/',
  ],
  ...[
    '〱',
    '〵',
    'ゝ',
    'ー',
    'ｰ',
    '/〱',
    '／／',
    '/／',
    '⁄⁄',
    '/⧸',
    '//。',
    '@',
    '.',
    ':',
    '/@',
    '?//',
    '#//',
    '/?//',
    '/#//',
  ],
] as const
const hosts = [EVIL, `own.test@${EVIL}`, `${EVIL}:443`, `${EVIL}%00.own.test`, `${EVIL}\\@own.test`] as const
const tails = ['', '/%2f..', '//x'] as const

const schemes = [
  ...[
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'java\nscript:alert(1)',
    '\u0001javascript:alert(1)',
    '/javascript:alert(1)',
  ],
  ...[
    '//javascript:alert(1)',
    'javascript://own.test?%0aalert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:x',
  ],
  ...[
    'blob:https://evil.test/x',
    'file:///etc/passwd',
    'view-source:https://evil.test',
    'intent://evil.test#Intent;end',
    'about:blank',
  ],
]
const numbers = [
  ...[
    '//0xd8.0x3a.0xd6.0xce',
    '//3627734734',
    '//0330.072.0326.0316',
    '//472.314.470.462',
    '//[::ffff:216.58.214.206]',
  ],
  ...[
    'http:3627734734',
    'http://own.test@0xd83ad6ce',
    '//①②⑦.0.0.1',
    '//xn--evl-rma.test',
    '//evil。test',
    '//EVIL.TEST',
  ],
]
const odd = [
  ...[
    '',
    ' ',
    '/\ud800',
    '/\u202e//evil.test',
    '//',
    '///',
    '/\\',
    'evil.test',
    '.evil.test',
    '//evil.test:99999',
    '//evil.test:x',
  ],
  ...[
    '/\r\nset-cookie: session=evil',
    '/\r\nlocation: //evil.test',
    '/%0d%0alocation:%20//evil.test',
    '/"><script>alert(1)</script>',
  ],
  ...[
    `/${'x'.repeat(10_000)}`,
    `//${EVIL}/${'x'.repeat(10_000)}`,
    `/${'../'.repeat(200)}/${EVIL}`,
    `/${'\\'.repeat(50)}${EVIL}`,
  ],
]

/** Over a thousand texts, none twice. */
export const openRedirects: readonly string[] = [
  ...new Set([
    ...leads.flatMap((lead) => hosts.flatMap((host) => tails.map((tail) => lead + host + tail))),
    ...schemes,
    ...numbers,
    ...odd,
  ]),
]

/** One of each family, for where trying takes long. */
export const fewOpenRedirects: readonly string[] = [
  ...new Set([...leads.map((lead) => lead + EVIL), ...schemes, ...numbers, ...odd]),
]
