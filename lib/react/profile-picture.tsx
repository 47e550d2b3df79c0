/** A small round picture of an account; without one, the first letter of its name. */
import { pictureUrl } from './web-address.ts'

interface ProfilePictureProps {
  readonly name: string
  readonly avatar: string | undefined
}

/** Decoration: the name is always written beside it. */
export function ProfilePicture({ name, avatar }: ProfilePictureProps) {
  const source = pictureUrl(avatar)
  if (source !== undefined) {
    return (
      // biome-ignore lint/performance/noImgElement: next/image would fetch pictures of foreign hosts on the server
      <img
        data-atproto="avatar"
        src={source}
        alt=""
        width={40}
        height={40}
        loading="lazy"
        referrerPolicy="no-referrer"
      />
    )
  }
  const [letter = ''] = name.replace(/^did:[a-z]+:|^[^\p{L}\p{N}]+/u, '')
  // The stylesheet shows the letter: without it, a stray one would stand before the name.
  return <span data-atproto="avatar" data-letter={letter} aria-hidden="true" />
}
