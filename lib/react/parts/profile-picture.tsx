/** A small round picture of an account; without one, the first letters of its name. */
import { initials } from './initials.ts'
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
  // The stylesheet shows the letters: without it, stray ones would stand before the name.
  return <span data-atproto="avatar" data-letter={initials(name)} aria-hidden="true" />
}
