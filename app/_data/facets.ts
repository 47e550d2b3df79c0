/**
 * Facets: which part of a post's text is a link, a mention or a hashtag (`app.bsky.richtext.facet`). Reading them from
 * records that any program may have written, and writing them.
 */
import { z } from 'zod'

export interface Facet {
  /** In bytes of the text as UTF-8. */
  readonly start: number
  /** The first byte behind the part. */
  readonly end: number
  readonly feature: Feature
}

export type Feature =
  | { readonly kind: 'link'; readonly uri: string }
  | { readonly kind: 'mention'; readonly did: string }
  /** Without `#`. */
  | { readonly kind: 'tag'; readonly tag: string }

/** In UTF-8, by the lexicon. */
export const maxTagBytes = 640

// No text of 300 characters has more than 150 of them. Each costs time on every page that shows the post.
const maxFacets = 150
const maxFeatures = 8

const lexicon = 'app.bsky.richtext.facet'
const featureSchema = z.discriminatedUnion('$type', [
  z
    .object({ $type: z.literal(`${lexicon}#link`), uri: z.string().max(2_048) })
    .transform(({ uri }): Feature => ({ kind: 'link', uri })),
  z
    .object({
      $type: z.literal(`${lexicon}#mention`),
      did: z
        .string()
        .max(2_048)
        .regex(/^did:[a-z]+:[A-Za-z0-9._:%-]+$/),
    })
    .transform(({ did }): Feature => ({ kind: 'mention', did })),
  z
    .object({ $type: z.literal(`${lexicon}#tag`), tag: z.string().min(1).max(maxTagBytes) })
    .transform(({ tag }): Feature => ({ kind: 'tag', tag })),
])
const facetSchema = z.object({
  index: z.object({ byteStart: z.int().nonnegative(), byteEnd: z.int().nonnegative() }),
  features: z.array(z.unknown()),
})

/** The facets of a record whose form is valid; none when the value is no list. Their offsets may still be wrong. */
export const facetsSchema = z
  .array(z.unknown())
  .transform((facets) => facets.slice(0, maxFacets).flatMap(toFacet))
  .catch([])

/** The facet as an array of one; empty when it is malformed or of a kind that this app does not know. */
function toFacet(value: unknown): Facet[] {
  const facet = facetSchema.safeParse(value).data
  if (!facet) return []
  const { index, features } = facet
  const [feature] = features.slice(0, maxFeatures).flatMap((one) => featureSchema.safeParse(one).data ?? [])
  return feature ? [{ start: index.byteStart, end: index.byteEnd, feature }] : []
}

/** The facet as a record has it. */
export function encodeFacet({ start, end, feature }: Facet) {
  const { kind, ...fields } = feature
  const index = { byteStart: start, byteEnd: end }
  return { $type: lexicon, index, features: [{ $type: `${lexicon}#${kind}`, ...fields }] }
}
