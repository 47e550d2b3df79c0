/** A small round picture of an account, or its initials if it has none. */
import { initials } from './initials.ts'
import { pictureUrl } from './web-address.ts'

interface ProfilePictureProps {
  readonly name: string
  readonly avatar: string | undefined
}

/** Hidden from screen readers, because the name is always next to it. */
export function ProfilePicture({ name, avatar }: ProfilePictureProps) {
  const source = pictureUrl(avatar)
  if (source === undefined && avatar !== undefined) warnOfAvatar(avatar)
  if (source !== undefined) {
    return (
      // biome-ignore lint/performance/noImgElement: next/image would fetch pictures of other hosts on the server
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
  // The stylesheet shows the initials. Without it, they must not appear before the name.
  return <span data-atproto="avatar" data-letter={initials(name)} aria-hidden="true" />
}

/** For the developer: on a local network, `session.blobUrl()` gives an http address, and the picture is just missing. */
function warnOfAvatar(avatar: string): void {
  if (process.env.NODE_ENV !== 'development') return
  // biome-ignore lint/suspicious/noConsole: nothing else shows why the initials are there.
  console.warn(
    `[next-atproto-auth] The avatar ${avatar.slice(0, 200)} is not shown: it needs an https address or a path of this site.`,
  )
}
