/**
 * Finds links, mentions and hashtags in what a person has typed. What counts as one is decided by `RichText` of
 * @atproto/api, as in Bluesky's own app, so that a post is the same from either. What it gets wrong is corrected here.
 */
import 'server-only'
import { type Facet, type Feature, maxTagBytes } from '../_data/facets.ts'
import { type Resolver, resolveMentions } from './mentions.ts'

export interface FoundFacets {
  /** In the order of the text, and none inside another. */
  readonly facets: readonly Facet[]
  /** False when not every mention could be looked up: the others stay plain text. */
  readonly isComplete: boolean
}

type Place = Pick<Facet, 'start' | 'end'>

/** Like a facet, but a mention has the handle that was typed. */
interface Found extends Place {
  readonly feature:
    | Exclude<Feature, { kind: 'mention' }>
    | { readonly kind: 'handle'; readonly handle: string }
}

/**
 * The facets of a text. A mention becomes one only if its handle belongs to an account.
 *
 * @param text as `normalizePostText` returns it: offsets are those of the text that is posted
 */
export async function findFacets(text: string, resolver: Resolver): Promise<FoundFacets> {
  const found = await detect(text)
  const handles = found.flatMap(({ feature }) => (feature.kind === 'handle' ? [feature.handle] : []))
  const { dids, isComplete } = await resolveMentions(handles, resolver)
  const facets = found.flatMap(({ feature, ...place }): Facet[] => {
    if (feature.kind !== 'handle') return [{ ...place, feature }]
    const did = dids.get(feature.handle)
    return did === undefined ? [] : [{ ...place, feature: { kind: 'mention', did } }]
  })
  return { facets, isComplete }
}

async function detect(text: string): Promise<readonly Found[]> {
  // Loaded when something is posted: it is large, and pages do not need it.
  const { AppBskyRichtextFacet, RichText } = await import('@atproto/api')
  // It knows `https:` and the names of top-level domains in lower case alone. No offset changes.
  const richText = new RichText({ text: text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) })
  richText.detectFacetsWithoutResolution()
  const bytes = Buffer.from(text)
  const found = (richText.facets ?? []).flatMap(({ index, features: [feature] }): Found[] => {
    const { byteStart: start, byteEnd: end } = index
    const part = bytes.toString('utf8', start, end)
    if (AppBskyRichtextFacet.isLink(feature)) return linkAt(start, part)
    if (AppBskyRichtextFacet.isTag(feature)) return tagAt({ start, end }, part)
    return AppBskyRichtextFacet.isMention(feature) ? handleAt({ start, end }, part, bytes) : []
  })
  return withoutOverlaps(found)
}

function linkAt(start: number, part: string): Found[] {
  const address = trimAddress(part)
  // `RichText` leaves a name without a scheme as it is when it begins with http, such as httpbin.org.
  const uri = /^https?:\/\//i.test(address) ? address : `https://${address}`
  const url = URL.parse(uri)
  // With a user name, it is an e-mail address, or an address that looks like that of another site.
  if (url?.username !== '' || url.password !== '') return []
  return [{ start, end: start + Buffer.byteLength(address), feature: { kind: 'link', uri } }]
}

/** Marks that end a sentence or a quotation around an address. `RichText` leaves all but one of them in. */
const closing = /[.,;:!?'"’”»›…>]$/
/** Marks of Chinese and Japanese follow an address without a space; no address has them as they are. */
const wideMark =
  /[\u3000-\u3002\u3008-\u3011\u3014-\u301b\uff01\uff08\uff09\uff0c\uff0e\uff1a\uff1b\uff1f\uff5f-\uff64]/
const brackets: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' }

/** The address without what the sentence around it added: `example.com/a_(b)` of `example.com/a_(b)).”` */
function trimAddress(part: string): string {
  let address = part.split(wideMark, 1)[0] ?? ''
  for (;;) {
    const last = address.at(-1) ?? ''
    const opening = brackets[last]
    const isOpen = opening !== undefined && count(address, opening) >= count(address, last)
    if (isOpen || (opening === undefined && !closing.test(last))) return address
    address = address.slice(0, -1)
  }
}

function count(text: string, mark: string): number {
  return text.split(mark).length - 1
}

/** `RichText` checks the characters of a tag, but a PDS refuses the whole post when a tag has too many bytes. */
function tagAt(place: Place, part: string): Found[] {
  // By convention, `$abc` is the tag `$ABC`.
  const tag = part.startsWith('$') ? part.toUpperCase() : part.slice(1)
  return Buffer.byteLength(tag) > maxTagBytes ? [] : [{ ...place, feature: { kind: 'tag', tag } }]
}

/** `@name@host` is an address of another network. */
function handleAt(place: Place, part: string, bytes: Buffer): Found[] {
  if (bytes[place.end] === 0x40) return []
  return [{ ...place, feature: { kind: 'handle', handle: part.slice(1).toLowerCase() } }]
}

/** `https://example.com/(@alice.test` is a link alone. */
function withoutOverlaps(found: readonly Found[]): readonly Found[] {
  let end = 0
  return found
    .toSorted((a, b) => a.start - b.start)
    .filter((one) => {
      if (one.start < end) return false
      end = one.end
      return true
    })
}
