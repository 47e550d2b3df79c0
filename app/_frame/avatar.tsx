import { initials } from 'next-atproto-auth/react'

interface AvatarProps {
  /** Undefined for a person without a picture. */
  readonly src: string | undefined
  /** Its first letters stand in for a picture. */
  readonly name: string
  /** In CSS pixels. */
  readonly size: number
}

/** A round picture. It says nothing that the name beside it does not: it is hidden from screen readers. */
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
    // biome-ignore lint/performance/noImgElement: the optimiser would fetch without the person's cookie
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
