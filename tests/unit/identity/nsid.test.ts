import { describe, expect, it } from 'vitest'
import { isNsid } from '../../../lib/identity/syntax.ts'
import { labelled } from '../../support/unit/labelled.ts'

const label63 = 'o'.repeat(63)

describe('isNsid', () => {
  const valid = [
    ...[
      'app.bsky.feed.post',
      'com.atproto.repo.createRecord',
      'a.b.c',
      'a-0.b-1.c',
      'one.2.three',
      'cn.8.lex.stuff',
    ],
    ...['m.xn--masekowski-d0b.pl', 'com.example.fooBarV2', 'COM.Example.Foo', `com.${label63}.foo`],
    ...[`com.example.${label63}`, `com.${`${'m'.repeat(49)}.`.repeat(5)}${label63}`],
  ]
  it.each(labelled(valid))('accepts %s', (_label, text) => {
    expect(isNsid(text)).toBe(true)
  })

  const invalid = [
    ...[
      '',
      'com',
      'com.example',
      'com.example.',
      '.com.example.foo',
      'com..example.foo',
      'com.example.foo.*',
    ],
    ...['com.example.3', 'com.example.2foo', 'com.example.foo-bar', '1.0.0.127.record', '0two.example.foo'],
    ...[
      'com.-example.foo',
      'com.example-.foo',
      'com.exa_mple.foo',
      'com.atproto.feed.p@st',
      ' com.example.foo',
    ],
    ...[
      'com.example.foo\n',
      'com.ex\u00e4mple.foo',
      'com.example.\u212aey',
      'com.example.foo/../../admin',
      '../com.example.foo',
    ],
    ...[
      `com.${label63}o.foo`,
      `com.example.${label63}o`,
      `${'mm.'.repeat(105)}${label63}`,
      'com.example.foo?x',
      'com.example.foo#main',
    ],
  ]
  it.each(labelled(invalid))('R4 refuses %s', (_label, text) => {
    expect(isNsid(text)).toBe(false)
  })
})
