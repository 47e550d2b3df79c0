import type { ReactNode } from 'react'
import { webClient } from '../../app-view.ts'
import type { Facet } from '../_data/facets.ts'
import { readOwnHost } from '../_data/own-host.ts'
import { type Segment, segmentsOf } from './segments.ts'

interface RichTextProps {
  readonly text: string
  readonly facets: readonly Facet[]
}

/** The text of a post with its links, mentions and hashtags, as plain HTML: it needs no script. */
export async function RichText({ text, facets }: RichTextProps) {
  if (facets.length === 0) return text
  return <Segments segments={segmentsOf(text, facets, await readOwnHost())} client={webClient()} />
}

interface SegmentsProps {
  readonly segments: readonly Segment[]
  /** Origin of the web client that has pages for people and hashtags; without one, they are no links. */
  readonly client: string | undefined
}

/** The parts of a text, for `RichText`. */
export function Segments({ segments, client }: SegmentsProps) {
  return segments.map((segment) => <Part key={segment.at} segment={segment} client={client} />)
}

interface PartProps {
  readonly segment: Segment
  readonly client: string | undefined
}

function Part({ segment, client }: PartProps) {
  const { text } = segment
  switch (segment.kind) {
    case 'text':
      return text
    case 'link':
      return (
        <Outward href={segment.href}>
          {text}
          {segment.host === undefined ? null : <span className="link-host"> ({segment.host})</span>}
        </Outward>
      )
    case 'mention':
      return <Tagged text={text} href={client && `${client}/profile/${didInPath(segment.did)}`} />
    case 'tag':
      return <Tagged text={text} href={client && `${client}/hashtag/${encodeURIComponent(segment.tag)}`} />
  }
}

/** As profile addresses are written, with the colons of the DID as they are. */
function didInPath(did: string): string {
  return encodeURIComponent(did).replaceAll('%3A', ':')
}

function Tagged({ text, href }: { readonly text: string; readonly href: string | undefined }) {
  return href === undefined ? <span className="tagged">{text}</span> : <Outward href={href}>{text}</Outward>
}

/** Opens in this tab, as every link of this app: a new one without warning confuses people who use a screen reader. */
function Outward({ href, children }: { readonly href: string; readonly children: ReactNode }) {
  return (
    <a className="outward" href={href} rel="nofollow ugc noopener noreferrer">
      {children}
    </a>
  )
}
