import { OAuthResolverError } from 'next-atproto-auth'
import { describe, expect, it } from 'vitest'
import { encodeFacet } from '../../../app/_data/facets.ts'
import { findFacets } from '../../../app/compose/facets.ts'
import { type Resolver, resolveMentions } from '../../../app/compose/mentions.ts'
import { normalizePostText } from '../../../app/compose/post-text.ts'

const people: Readonly<Record<string, string>> = {
  'alice.test': 'did:plc:alice',
  'bob.test': 'did:plc:bob',
}

/** Knows the people above; `asked` is what it was asked for. */
function resolverOf(asked: string[] = []): Resolver {
  return {
    async resolveIdentity(handle) {
      asked.push(handle)
      const did = people[handle]
      if (did === undefined) throw new OAuthResolverError('identity_not_found', 'No such account.')
      return { did }
    },
  }
}

/** What is found, as the words that a reader of the record's bytes gets, and what they stand for. */
async function found(typed: string) {
  const text = normalizePostText(typed)
  const { facets } = await findFacets(text, resolverOf())
  const bytes = new TextEncoder().encode(text)
  return facets.map(({ start, end, feature }) => {
    // A part that begins or ends within a character is an error here.
    const words = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.slice(start, end))
    return [words, Object.values(feature).at(-1)]
  })
}

const link = (words: string, uri = words) => [words, uri]
const alice = ['@alice.test', 'did:plc:alice']
const bob = ['@bob.test', 'did:plc:bob']

describe('findFacets: offsets', () => {
  it.each([
    ['nothing before it', '@alice.test', [alice]],
    ['emoji of several code points', '👩‍👩‍👧‍👧🏳️‍🌈 @alice.test 🫖 #tea', [alice, ['#tea', 'tea']]],
    ['CJK', '今日は https://example.com/猫 と #猫', [link('https://example.com/猫'), ['#猫', '猫']]],
    [
      'combining characters',
      'cafe\u0301 n\u0303 @alice.test #cafe\u0301',
      [alice, ['#cafe\u0301', 'cafe\u0301']],
    ],
    ['words from right to left', 'שלום @alice.test مرحبا #سلام', [alice, ['#سلام', 'سلام']]],
    [
      'CRLF, as forms send it',
      'one\r\n\r\n@alice.test\r\nhttps://example.com',
      [alice, link('https://example.com')],
    ],
    ['white space that is trimmed', ' \r\n \u3000@alice.test \r\n', [alice]],
    ['a byte order mark', 'a\ufeff b \ufeff @alice.test', [alice]],
    ['the same mention twice', '@alice.test and @Alice.Test', [alice, ['@Alice.Test', 'did:plc:alice']]],
    ['a line that is a mention', '@alice.test\n@bob.test', [alice, bob]],
  ])('are those of the bytes after %s', async (_, text, expected) => {
    expect(await found(text)).toEqual(expected)
  })
})

describe('findFacets: links', () => {
  it.each([
    ['(see https://example.com/a_(b)).', [link('https://example.com/a_(b)')]],
    ['https://example.com/a?', [link('https://example.com/a')]],
    ['Really https://example.com/a?!', [link('https://example.com/a')]],
    ['https://example.com/a...', [link('https://example.com/a')]],
    ['(https://example.com)', [link('https://example.com')]],
    ['https://example.com/x],', [link('https://example.com/x')]],
    ['https://example.com/a”.', [link('https://example.com/a')]],
    ['https://example.com/a/', [link('https://example.com/a/')]],
    ['https://example.com/[x]', [link('https://example.com/[x]')]],
    ['https://example.com。次の文', [link('https://example.com')]],
    ['見て（https://example.com/猫）', []],
    ['見て https://example.com/猫）です', [link('https://example.com/猫')]],
    ['https://example.com/佐々木', [link('https://example.com/佐々木')]],
    ['example.com, and more', [link('example.com', 'https://example.com')]],
    ['example.com:8443/a#b', [link('example.com:8443/a#b', 'https://example.com:8443/a#b')]],
    ['HTTPS://Example.COM/A', [link('HTTPS://Example.COM/A')]],
    // `RichText` takes the start of the name for a scheme.
    ['httpbin.org/get', [link('httpbin.org/get', 'https://httpbin.org/get')]],
    ['https://', []],
    ['https://exa mple', [link('https://exa')]],
    ['https://[', []],
    ['javascript:alert(1) data:text/html,x file.notatld', []],
    ['https://example.com/(@alice.test', [link('https://example.com/(@alice.test')]],
    // A person who pastes a password must not publish a link that uses it.
    ['https://alice:secret@example.com/', []],
  ])('%s', async (text, expected) => {
    expect(await found(text)).toEqual(expected)
  })
})

describe('findFacets: mentions', () => {
  it.each([
    ['an e-mail address is none', 'Write to alice@alice.test or foo.com@bob.test', []],
    ['an address of another network is none', '@alice.test@social.example @alice.test', [alice]],
    ['a handle without an account stays text', '@nobody.test @alice.test', [alice]],
    ['a name without a dot is none', '@alice', []],
    ['punctuation is no part of it', 'Thanks, (@alice.test), @bob.test!', [alice, bob]],
    ['what is no handle is none', '@alice..test @-alice.test', []],
  ])('%s', async (_, text, expected) => {
    expect(await found(text)).toEqual(expected)
  })

  it('asks once for each handle', async () => {
    const asked: string[] = []
    await findFacets('@alice.test @ALICE.test @bob.test @alice.test', resolverOf(asked))
    expect(asked).toEqual(['alice.test', 'bob.test'])
  })
})

describe('findFacets: hashtags', () => {
  it.each([
    [
      '#cats, #dogs! (#no)',
      [
        ['#cats', 'cats'],
        ['#dogs', 'dogs'],
      ],
    ],
    ['#123 #1a #', [['#1a', '1a']]],
    ['＃猫', [['＃猫', '猫']]],
    ['#️⃣ #\u200b #\u200bx', []],
    ['#a\u200bb', [['#a', 'a']]],
    ['a#b', []],
    [`#${'é'.repeat(64)}`, [[`#${'é'.repeat(64)}`, 'é'.repeat(64)]]],
    [`#${'é'.repeat(65)}`, []],
    // 64 characters, but 1,344 bytes, for which a PDS refuses the whole post.
    [`#${`e${'\u0301'.repeat(10)}`.repeat(64)}`, []],
    ['$abc', [['$abc', '$ABC']]],
    ['#CamelCase', [['#CamelCase', 'CamelCase']]],
  ])('%s', async (text, expected) => {
    expect(await found(text)).toEqual(expected)
  })
})

it('a facet is written as the lexicon wants it', () => {
  expect(encodeFacet({ start: 1, end: 5, feature: { kind: 'tag', tag: 'tea' } })).toEqual({
    $type: 'app.bsky.richtext.facet',
    index: { byteStart: 1, byteEnd: 5 },
    features: [{ $type: 'app.bsky.richtext.facet#tag', tag: 'tea' }],
  })
})

function untilEnded(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
}

describe('resolveMentions', () => {
  const names = (count: number) => Array.from({ length: count }, (_, at) => `name${at}.test`)

  it('asks for twenty handles of a text with forty, all at once, and says that it is not complete', async () => {
    let pending = 0
    const most = await new Promise<number>((resolve) => {
      const resolver: Resolver = {
        async resolveIdentity() {
          pending += 1
          await Promise.resolve()
          resolve(pending)
          throw new OAuthResolverError('identity_not_found', 'No such account.')
        },
      }
      void resolveMentions(names(40), resolver)
    })
    expect(most).toBe(20)
    expect(await resolveMentions(names(40), resolverOf())).toEqual({ dids: new Map(), isComplete: false })
  })

  it('leaves out what could not be asked, and keeps the others', async () => {
    const resolver: Resolver = {
      async resolveIdentity(handle, options) {
        if (handle === 'down.test') throw new OAuthResolverError('server_unavailable', 'No answer.')
        return resolverOf().resolveIdentity(handle, options)
      },
    }
    expect(await resolveMentions(['down.test', 'alice.test'], resolver)).toEqual({
      dids: new Map([['alice.test', 'did:plc:alice']]),
      isComplete: false,
    })
    expect(await resolveMentions(['nobody.test', 'alice.test'], resolver)).toMatchObject({ isComplete: true })
  })

  it('does not wait for a host that never answers', async () => {
    const deadline = new AbortController()
    const resolver: Resolver = {
      resolveIdentity: (handle, options) =>
        handle === 'slow.test' ? untilEnded(options.signal) : resolverOf().resolveIdentity(handle, options),
    }
    const mentioned = resolveMentions(['slow.test', 'alice.test'], resolver, deadline.signal)
    deadline.abort(new DOMException('Time is up.', 'TimeoutError'))
    expect(await mentioned).toEqual({ dids: new Map([['alice.test', 'did:plc:alice']]), isComplete: false })
  })
})
