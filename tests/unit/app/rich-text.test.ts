import { describe, expect, it, vi } from 'vitest'
import type { Facet, Feature } from '../../../app/_data/facets.ts'
import { Segments } from '../../../app/_post/rich-text.tsx'
import { segmentsOf } from '../../../app/_post/segments.ts'
import { webClient } from '../../../app-view.ts'
import { render } from '../../support/unit/render.ts'

const rel = 'nofollow ugc noopener noreferrer'

function html(text: string, feature: Feature, client?: string): string {
  const facets: readonly Facet[] = [{ start: 0, end: Buffer.byteLength(text), feature }]
  return render(Segments, { segments: segmentsOf(text, facets, 'app.host.dev'), client })
}

describe('Segments', () => {
  it('shows a link, and behind words that do not say so the host that it leads to', () => {
    const link = { kind: 'link', uri: 'https://example.com/a?b&c' } as const
    const open = `<a class="outward" href="https://example.com/a?b&amp;c" rel="${rel}">`
    expect(html('example.com/a…', link)).toBe(`${open}example.com/a…</a>`)
    expect(html('Look', link)).toBe(`${open}Look<span class="link-host"> (example.com)</span></a>`)
  })

  it.each([
    [
      '@alice.test',
      { kind: 'mention', did: 'did:web:host.dev%3A8443' },
      '/profile/did:web:host.dev%253A8443',
    ],
    ['#a/../b?', { kind: 'tag', tag: 'a/../b?' }, '/hashtag/a%2F..%2Fb%3F'],
  ] as const)('links %s only where a web client is known', (text, feature, path) => {
    const href = `https://bsky.app${path}`
    expect(html(text, feature, 'https://bsky.app')).toBe(
      `<a class="outward" href="${href}" rel="${rel}">${text}</a>`,
    )
    expect(html(text, feature)).toBe(`<span class="tagged">${text}</span>`)
  })

  it('escapes what a stranger has written', () => {
    const text = '"><script>alert(1)</script>'
    expect(html(text, { kind: 'link', uri: 'https://example.com/"><script>' })).toBe(
      `<a class="outward" href="https://example.com/%22%3E%3Cscript%3E" rel="${rel}">` +
        '&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;<span class="link-host"> (example.com)</span></a>',
    )
  })
})

describe('webClient', () => {
  it.each([
    ['did:web:api.bsky.app#bsky_appview', 'https://bsky.app'],
    ['did:web:localhost%3A3000#bsky_appview', undefined],
    ['', undefined],
  ])('with the AppView %j is %s', (service, expected) => {
    vi.stubEnv('APPVIEW', service)
    expect(webClient()).toBe(expected)
    vi.unstubAllEnvs()
  })
})
