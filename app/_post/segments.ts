/** Cuts the text of a post into plain text, links, mentions and hashtags. */
import type { Facet, Feature } from '../_data/facets.ts'
import { linkTarget, namesTarget } from './link-target.ts'

export type Segment = {
  /** Where it begins, in bytes: unique within a text. */
  readonly at: number
  readonly text: string
} & (
  | { readonly kind: 'text' }
  | {
      readonly kind: 'link'
      readonly href: string
      /** To be shown behind the text, which does not say where the link leads. */
      readonly host: string | undefined
    }
  | { readonly kind: 'mention'; readonly did: string }
  | { readonly kind: 'tag'; readonly tag: string }
)

/** What the lexicon allows for the whole text. A record may have more, and facets that all cover it cost time. */
const maxPartBytes = 3_000

/**
 * The text in order, with nothing left out. A facet that does not fit the text is ignored, and so is one that overlaps an
 * earlier one, and one that must not be shown as what it says.
 *
 * @param ownHost the host name of this app, to which no link leads
 */
export function segmentsOf(text: string, facets: readonly Facet[], ownHost: string): readonly Segment[] {
  const bytes = Buffer.from(text)
  const segments: Segment[] = []
  let done = 0
  const addText = (end: number) => {
    if (end > done) segments.push({ kind: 'text', at: done, text: bytes.toString('utf8', done, end) })
  }
  for (const { start, end, feature } of facets.toSorted((a, b) => a.start - b.start)) {
    if (start < done || end <= start || end - start > maxPartBytes) continue
    if (!isBoundary(bytes, start) || !isBoundary(bytes, end)) continue
    const segment = toSegment(start, bytes.toString('utf8', start, end), feature, ownHost)
    if (!segment) continue
    addText(start)
    segments.push(segment)
    done = end
  }
  addText(bytes.length)
  return segments
}

/** Whether a character begins there, or the text ends. */
function isBoundary(bytes: Buffer, at: number): boolean {
  const byte = bytes[at]
  return byte === undefined ? at === bytes.length : (byte & 0xc0) !== 0x80
}

function toSegment(at: number, part: string, feature: Feature, ownHost: string): Segment | undefined {
  // They would show the words in another order than the one that is compared here.
  const text = part.replace(/\p{Bidi_Control}/gu, '')
  if (text.trim() === '') return undefined
  switch (feature.kind) {
    case 'link': {
      const url = linkTarget(feature.uri, ownHost)
      const host = url && !namesTarget(text, url) ? url.host : undefined
      return url && { kind: 'link', at, text, href: url.href, host }
    }
    case 'mention':
      return text.startsWith('@') ? { kind: 'mention', at, text, did: feature.did } : undefined
    case 'tag':
      return isTag(text, feature.tag) ? { kind: 'tag', at, text, tag: feature.tag } : undefined
  }
}

/** `#cats` for the tag `cats`, `$ABC` for the tag `$ABC`: words that say something else are not a hashtag. */
function isTag(text: string, tag: string): boolean {
  return /^[#＃$]/.test(text) && text.replace(/^[#＃]/, '').toLowerCase() === tag.toLowerCase()
}
