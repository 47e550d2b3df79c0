import type { Facet } from '../_data/facets.ts'
import { RichText } from './rich-text.tsx'

export interface ShownPicture {
  readonly src: string
  readonly alt: string
  /** Only the ratio counts. */
  readonly size: { readonly width: number; readonly height: number } | undefined
}

interface PostBodyProps {
  readonly text: string
  readonly facets: readonly Facet[]
  readonly pictures: readonly ShownPicture[]
}

/** Text and pictures of a post. The room for a picture is reserved before it is loaded. */
export function PostBody({ text, facets, pictures }: PostBodyProps) {
  return (
    <>
      {text === '' ? null : (
        <p className="post-text" dir="auto">
          <RichText text={text} facets={facets} />
        </p>
      )}
      {text === '' && pictures.length === 0 ? <p className="muted">A post without text.</p> : null}
      {pictures.length === 0 ? null : (
        <div className={pictures.length === 1 ? 'post-pictures single' : 'post-pictures'}>
          {pictures.map(({ src, alt, size }) => (
            // biome-ignore lint/performance/noImgElement: the optimiser would fetch it without the person's cookie
            <img
              key={src}
              src={src}
              alt={alt || 'A picture without a description'}
              width={size?.width ?? 4}
              height={size?.height ?? 3}
              style={{ aspectRatio: ratioOf(pictures.length, size) }}
              loading="lazy"
              decoding="async"
              referrerPolicy="no-referrer"
            />
          ))}
        </div>
      )}
    </>
  )
}

/** One picture keeps its shape within limits; several are squares. */
function ratioOf(count: number, size: ShownPicture['size']): number {
  if (count > 1) return 1
  return size ? Math.min(2.5, Math.max(0.75, size.width / size.height)) : 4 / 3
}
