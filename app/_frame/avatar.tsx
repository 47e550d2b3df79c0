import { initials } from 'next-atproto-auth/react'

interface AvatarProps {
  /** Undefined for a person without a picture. */
  readonly src: string | undefined
  /** Its initials are shown when there is no picture. */
  readonly name: string
  /** In CSS pixels. */
  readonly size: number
}

/** A round picture, hidden from screen readers because the name stands beside it. */
export function Avatar({ src, name, size }: AvatarProps) {
  const style = { width: size, height: size, fontSize: size / 3 }
  if (src === undefined) {
    return (
      <span className="avatar" style={style} aria-hidden="true">
        {initials(name)}
      </span>
    )
  }
  return (
    // biome-ignore lint/performance/noImgElement: the optimiser would fetch it without the person's cookie
    <img
      className="avatar"
      src={src}
      alt=""
      width={size}
      height={size}
      style={style}
      referrerPolicy="no-referrer"
    />
  )
}
